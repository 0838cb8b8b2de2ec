#!/usr/bin/env node
const leastNode = 24

/** More than the grace that programs get to end in. */
const lingerMs = 7000

/** The binary. Nothing else may be imported before the version of Node is known to be good enough. */
async function main(): Promise<void> {
  const found = Number(process.versions.node.split('.')[0])
  if (found < leastNode) {
    process.stderr.write(
      `gonogo needs Node ${leastNode} or newer and this is ${process.versions.node}: install it, or run npx -p node@${leastNode} -p gonogo gonogo\n`,
    )
    process.exitCode = 2
    return
  }
  const { start } = await import('./start.ts')
  process.exitCode = await start(process.argv.slice(2))
  // The command is over: a request that nobody answers must not keep the process.
  setTimeout(() => process.exit(), lingerMs).unref()
}

await main()
