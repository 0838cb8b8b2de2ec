import { describe, expect, it } from 'vitest'
import { createTestReports } from '../../../src/adapters/junit/test-reports.ts'

/** In pieces that cut through names and characters. */
async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(...documents: string[]) {
  const reading = createTestReports({ mostBytes: 200_000, mostFiles: 3 }).open()
  for (const [index, text] of documents.entries()) await reading.add(`${index}.xml`, pieces(text))
  return reading.end()
}

const none = { passed: 0, failed: 0, errors: 0, skipped: 0, flaky: 0 }

describe('what test programs write', () => {
  it.each([
    [
      'pytest',
      `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
        <testcase classname="tests.test_pay" name="test_ok" time="0.1" />
        <testcase classname="tests.test_pay" name="test_no"><failure message="assert 1 == 2">def test_no():
          assert 1 == 2</failure></testcase>
        <testcase classname="tests.test_pay" name="test_broken"><error message="failed on setup">x</error></testcase>
        <testcase classname="tests.test_pay" name="test_later"><skipped type="pytest.skip" message="later"/></testcase>
      </testsuite></testsuites>`,
      { ...none, passed: 1, failed: 1, errors: 1, skipped: 1 },
      ['tests.test_pay.test_no: assert 1 == 2', 'tests.test_pay.test_broken: failed on setup'],
    ],
    [
      'jest-junit',
      `<testsuites name="jest tests" tests="2" failures="1"><testsuite name="cart" errors="0" failures="1">
        <testcase classname="cart adds" name="cart adds"/>
        <testcase classname="cart" name="cart empties"><failure><![CDATA[
Error: expected 0
    at cart.test.js:3]]></failure></testcase>
      </testsuite></testsuites>`,
      { ...none, passed: 1, failed: 1 },
      ['cart empties: Error: expected 0'],
    ],
    [
      'surefire, with tests that were run again',
      `<testsuite name="ShopTest" tests="3" failures="1" errors="0" skipped="0">
        <testcase classname="ShopTest" name="opens"><flakyFailure message="slow">x</flakyFailure></testcase>
        <testcase classname="ShopTest" name="sells"><failure message="no">x</failure><rerunFailure message="no">x</rerunFailure></testcase>
        <testcase classname="ShopTest" name="closes"/>
      </testsuite>`,
      { ...none, passed: 2, failed: 1, flaky: 1 },
      ['ShopTest.sells: no'],
    ],
    [
      'GoogleTest, with several failures in one test, and one that is disabled',
      `<testsuites tests="2" failures="1" disabled="1" errors="0"><testsuite name="A" failures="1">
        <testcase name="B" status="run" classname="A"><failure message="one"/><failure message="two"/></testcase>
        <testcase name="C" status="notrun" classname="A"/>
      </testsuite></testsuites>`,
      { ...none, failed: 1, skipped: 1 },
      ['A.B: one'],
    ],
  ])('%s', async (_, text, counts, failures) => {
    const report = await read(text)
    expect(report.counts).toEqual(counts)
    expect(report.failures.map(({ name, message }) => `${name}: ${message}`)).toEqual(failures)
  })

  it('a suite that counts more failures than it lists has failed', async () => {
    const { counts, failures } = await read(
      '<testsuites errors="1"><testsuite name="pay" errors="1"><testcase name="a"/></testsuite></testsuites>',
    )
    expect(counts).toEqual({ ...none, passed: 1, failed: 1 })
    expect(failures).toEqual([
      { name: 'pay', message: 'it counts 1 failure(s) that it does not list' },
    ])
  })

  it.each([
    ['beside its tests', '<testcase name="a"/><failure message="broke"/>', 'pay: broke'],
    [
      'around another test',
      '<testcase name="a"><failure message="no"/><testcase name="b"/></testcase>',
      'a: no',
    ],
    [
      'after a test in a test',
      '<testcase name="a"><testcase name="b"/><error/></testcase>',
      'pay: ',
    ],
  ])('a failure %s is one', async (_, inner, told) => {
    const { counts, failures } = await read(`<testsuite name="pay">${inner}</testsuite>`)
    expect(counts.failed).toBe(1)
    expect(failures.map(({ name, message }) => `${name}: ${message}`)).toEqual([told])
  })

  it('a number of failures is one, however it is written', async () => {
    for (const many of ['1.0', '1e3', '99999999999']) {
      const { counts } = await read(
        `<testsuite failures="${many}"><testcase name="a"/></testsuite>`,
      )
      expect(counts.failed).toBeGreaterThan(0)
    }
  })

  it('files are added up, and ten names are enough', async () => {
    const red = Array.from({ length: 8 }, (_, at) => `<testcase name="t${at}"><error/></testcase>`)
    const suite = `<testsuite>${red.join('')}</testsuite>`
    const { counts, failures } = await read(suite, '<coverage/>', suite)
    expect(counts.errors).toBe(16)
    expect(failures).toHaveLength(10)
  })

  it('paints nothing on a screen', async () => {
    const { failures } = await read(
      '<testsuite><testcase name="a\u202Eb"><failure message="\u009b2Jx"/></testcase></testsuite>',
    )
    expect(failures).toEqual([{ name: 'ab', message: '2Jx' }])
  })
})

describe('what is no report is refused by name', () => {
  const lol = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>'
  const file = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>'
  it.each([
    ['cut off', '<testsuite><testcase name="a"/>', /^0\.xml is no XML: .*unclosed tag/],
    ['empty', '', /^0\.xml is no XML/],
    ['something else', 'All 12 tests passed', /^0\.xml is no XML/],
    ['an entity that nobody defined', '<testsuite>&boom;</testsuite>', /undefined entity/],
    ['entities that grow', lol, /^0\.xml has a document type, which is not read$/],
    ['an entity of another file', file, /^0\.xml has a document type, which is not read$/],
    ['XML of another kind', '<coverage/>', /^0\.xml holds <coverage>, which is no JUnit report$/],
    ['nested without end', '<testsuite>'.repeat(300), /nested deeper than 200/],
    [
      'too large',
      `<testsuite>${' '.repeat(200_000)}</testsuite>`,
      /too large: at most 200000 bytes/,
    ],
  ])('%s', async (_, text, problem) => {
    await expect(read(text)).rejects.toThrow(problem)
  })

  it('no file at all, and too many', async () => {
    await expect(read()).rejects.toThrow('there is no file')
    await expect(read('<a/>', '<a/>', '<a/>', '<a/>')).rejects.toThrow('more than 3 files')
  })
})
