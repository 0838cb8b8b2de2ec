import { cp, rename } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { defineConfig, type OutputOptions, type Plugin } from 'rolldown'

const output: OutputOptions = {
  dir: 'dist',
  format: 'esm',
  // Names stay: whoever may be asked to trust this program should be able to read it.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
}

/** What `gonogo init` writes, and what its demo is made of. npm leaves a .gitignore out of a package: it gets another name. */
const sample = {
  name: 'sample',
  async writeBundle() {
    await cp('examples/workflows', 'dist/workflows', { recursive: true })
    await cp('examples/clinic', 'dist/sample/clinic', { recursive: true })
    await cp('examples/clinic-history', 'dist/sample/clinic-history', { recursive: true })
    await rename('dist/sample/clinic/.gitignore', 'dist/sample/clinic/gitignore')
  },
}

/**
 * An import of a module of Node makes Node read every export it has, and for some of them load what
 * nobody asked for (all of the streams, for `node:fs`). Asked for as an object, it costs what is used.
 */
const builtins: Plugin = {
  name: 'builtins',
  resolveId(id, _importer, { kind }) {
    return isBuiltin(id) && kind === 'import-statement' ? `\0builtin:${id}` : null
  },
  load(id) {
    const [, name] = /^\0builtin:(.*)$/.exec(id) ?? []
    if (name === undefined) return null
    const names = Object.keys(process.getBuiltinModule(name) ?? {})
    const exported = names
      .filter((key) => /^[A-Za-z_]\w*$/.test(key) && key !== 'default')
      .map((key) => `const _${key} = builtin.${key}; export { _${key} as ${key} }`)
    return [
      `const builtin = process.getBuiltinModule(${JSON.stringify(name)})`,
      'export default builtin',
      ...exported,
    ].join('\n')
  },
}

const frame =
  /src\/(?:start|core\/(?:failure|text)|cli\/(?:[a-z]+-commands?|add-tool-command|program|command|exit|duration|help|surface|terminal|width))\.ts$|node_modules\/commander\//

/** Native code and WebAssembly: they are installed beside the package, and loaded when they are needed. */
const parsers = [/^@ast-grep\//, 'libpg-query']

/** The program: one directory that needs nothing beside it, which is also what makes it start fast. */
const program = defineConfig({
  input: { main: 'src/main.ts' },
  platform: 'node',
  external: parsers,
  treeshake: { propertyReadSideEffects: false },
  resolve: {
    alias: {
      // The SDK brings Ajv on Node: 130 kB that every connection would load and nothing calls.
      '@modelcontextprotocol/server/_shims': new URL('src/mcp/sdk-shims.ts', import.meta.url)
        .pathname,
      // Its other build asks for its parts in a way that no bundler can follow.
      'jsonc-parser': new URL('node_modules/jsonc-parser/lib/esm/main.js', import.meta.url)
        .pathname,
    },
  },
  plugins: [sample, builtins],
  output: {
    ...output,
    cleanDir: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
    // What every start loads, every project and every MCP connection: a file each, since files cost.
    codeSplitting: {
      groups: [
        { name: 'schemas', test: /node_modules\/zod\//, priority: 2 },
        { name: 'protocol', test: /node_modules\/@modelcontextprotocol\//, priority: 1 },
        { name: 'frame', test: frame, priority: 4 },
        { name: 'core', test: /src\/(?:core|ports)\//, priority: 3 },
        { name: 'tools', test: /src\/tools\//, priority: 3 },
        { name: 'config', test: /src\/config\//, priority: 3 },
      ],
    },
  },
})

/** The library: schemas of its users are made with their zod, so it must be the same one. */
const library = defineConfig({
  input: { index: 'src/index.ts' },
  platform: 'node',
  external: [/^node:/, /^zod(?:$|\/)/, ...parsers],
  output: {
    ...output,
    chunkFileNames: 'library/[name]-[hash].js',
    // Of an error that a program does not catch, Node prints the whole line it was thrown in.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  },
})

export default [program, library]
