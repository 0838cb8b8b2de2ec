import { randomUUID } from 'node:crypto'
import type { PostgresStep } from '../../../core/smoke.ts'
import type { StepOutcome, StepRun } from '../step-outcome.ts'
import { fillStatement } from '../template.ts'
import { wrong } from './attempt.ts'
import { captureFrom, mismatches } from './compare.ts'
import { inTransaction, type Ask, type Row } from './postgres-session.ts'

/** Asks a database one query, and on request writes to it what nobody else sees and reads it back. */
export async function runPostgresStep(step: PostgresStep, run: StepRun): Promise<StepOutcome> {
  const prepare = step.round_trip ? temporaryTable : null
  const work = async (ask: Ask) => {
    const lost = step.round_trip ? await roundTrip(ask) : []
    if (lost.length > 0) return wrong(...lost)
    const { statement, parameters } = fillStatement(step.query, run.values)
    const rows = await ask(statement, parameters)
    const problems = judge(step, rows, run)
    if (problems.length > 0) return wrong(...problems)
    const trip = step.round_trip ? 'a value written and read back, ' : ''
    return { ran: true, problems: [], found: `${trip}${rows.length} row(s)` }
  }
  return await inTransaction(step.url, run, { prepare, ask: work })
}

function judge(step: PostgresStep, rows: readonly Row[], run: StepRun): string[] {
  const { rows: count, values } = step.expect
  if (count !== null && rows.length !== count) {
    return [`expected ${count} row(s), got ${rows.length}`]
  }
  const problems = mismatches(values, rows[0], 'column', run)
  return problems.length > 0 ? problems : captureFrom(step.capture, rows[0], 'column', run)
}

/** It belongs to this connection, and goes with the transaction. */
const temporaryTable = 'create temporary table gonogo_smoke (value text) on commit drop'

async function roundTrip(ask: Ask): Promise<string[]> {
  const value = randomUUID()
  await ask('insert into gonogo_smoke (value) values ($1)', [value])
  const [row] = await ask('select value from gonogo_smoke')
  return row?.['value'] === value ? [] : ['what was written to the database is not what came back']
}
