/**
 * Checks the Markdown files: every relative link leads to a file that exists, and every anchor to a
 * heading of it. What is elsewhere on the web is not asked.
 */
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const skipped = new Set(['node_modules', 'dist', '.git'])

/** Headings as the anchors that GitHub gives them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title)
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '').replaceAll(/<!--.*?-->/gs, '')
}

async function problemsIn(file: string): Promise<string[]> {
  const text = withoutCode(await readFile(join(root, file), 'utf8'))
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const problems = links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map(async (link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(join(root, target))) return `${file}: ${link} does not exist`
      if (anchor === undefined || !target.endsWith('.md')) return null
      const anchors = anchorsOf(await readFile(join(root, target), 'utf8'))
      return anchors.has(anchor) ? null : `${file}: ${link} names no heading`
    })
  return (await Promise.all(problems)).filter((problem) => problem !== null)
}

const exclude = (path: string) => skipped.has(basename(path))
const files = await Array.fromAsync(glob('**/*.md', { cwd: root, exclude }))
const problems = (await Promise.all(files.map(problemsIn))).flat()
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
