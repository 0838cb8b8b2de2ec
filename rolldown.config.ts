import { defineConfig } from 'rolldown'

export default defineConfig({
  input: { main: 'src/main.ts', index: 'src/index.ts' },
  platform: 'node',
  // What package.json lists as a dependency is installed beside us; everything else is bundled.
  external: [/^node:/, /^zod(?:$|\/)/],
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  },
})
