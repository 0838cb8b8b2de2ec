/**
 * Prints "N passed, N failed, N skipped" from Vitest's JSON report. Exit code 1 unless every test passed:
 * a skipped test and a file that could not be loaded prove as little as a failed one.
 */
import { readFile } from 'node:fs/promises'

/** The part of the report that is read here. */
interface Report {
  success: boolean
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[]
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: node scripts/count-tests.ts <report.json>')
const report = JSON.parse(await readFile(file, 'utf8')) as Report
const broken = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
)
for (const { name } of broken) process.stdout.write(`could not be run: ${name}\n`)
const failed = report.numFailedTests + broken.length
const skipped = report.numPendingTests + report.numTodoTests
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`)
if (!report.success || failed > 0 || skipped > 0 || report.numPassedTests === 0) {
  process.exitCode = 1
}
