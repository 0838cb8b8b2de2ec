import type { TestReport } from '../core/test-report.ts'

/** Reads what test programs write about their tests: JUnit XML. */
export interface TestReports {
  open(): ReportReading
}

/** The files of one run of tests, read one after the other and added up. */
export interface ReportReading {
  /**
   * XML of another kind, such as a coverage report, is stepped over. Fails with a `Failure` that names
   * the file when it cannot be read; the name and all that is in the file is untrusted text.
   */
  add(name: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** Fails when none of the files was a test report. */
  end(): TestReport
}
