import { Failure } from '../../core/failure.ts'
import { addReports, noCounts, type TestReport } from '../../core/test-report.ts'
import { oneLine } from '../../core/text.ts'
import type { ReportReading, TestReports } from '../../ports/test-reports.ts'
import { readDocument } from './read-document.ts'

export interface TestReportLimits {
  /** Of all files together; default 64 MiB. */
  mostBytes?: number
  /** Default 2000. */
  mostFiles?: number
}

/** JUnit XML, as most test programs write it. */
export function createTestReports(limits: TestReportLimits = {}): TestReports {
  return { open: () => openReading(limits) }
}

function openReading({ mostBytes = 64 * 1024 * 1024, mostFiles = 2000 }: TestReportLimits) {
  const budget = { most: mostBytes, left: mostBytes }
  const read: TestReport[] = []
  let files = 0
  let other = 'there is no file'
  return {
    async add(name, content) {
      files += 1
      if (files > mostFiles) throw unreadable(`there are more than ${mostFiles} files`)
      const document = await readDocument(content, budget)
      if (document.kind === 'broken') throw unreadable(`${oneLine(name)} ${document.problem}`)
      if (document.kind === 'report') read.push(document.report)
      else
        other = `${oneLine(name)} holds <${oneLine(document.root, 40)}>, which is no JUnit report`
    },
    end() {
      if (read.length === 0) throw unreadable(other)
      return read.reduce(addReports, { counts: noCounts, failures: [] })
    },
  } satisfies ReportReading
}

function unreadable(message: string): Failure {
  const hint = 'let the tests write JUnit XML there'
  return new Failure({ code: 'invalid_input', message, hint })
}
