import type { Message } from './notification.ts'

/** What a reader wants to know first; the rest follows in the order of the alphabet. */
const first = [
  'status',
  'version',
  'requester',
  'operator',
  'decided_by',
  'verdict',
  'reason',
  'said',
  'overrides',
  'set_aside',
  'expires_at',
]

/** Slack takes ten fields in a section. */
const factsShown = 10

interface Shown {
  title: string
  facts: [label: string, value: string][]
  command: string | null
}

function rank(name: string): number {
  const place = first.indexOf(name)
  return place < 0 ? first.length : place
}

function shown({ data }: Message): Shown {
  const facts = Object.entries(data.facts)
    .toSorted(([left], [right]) => rank(left) - rank(right))
    .slice(0, factsShown)
    .map(([name, value]): [string, string] => [name.replaceAll('_', ' '), value])
  return { title: `${data.project}: ${data.title}`, facts, command: data.command }
}

/** For an incoming webhook of Slack. */
export function slackBody(message: Message): string {
  const { title, facts, command } = shown(message)
  const fields = facts.map(([label, value]) => slackText(`*${label}*\n${slackEscaped(value)}`))
  const next = command === null ? [] : [slackText(`Run \`${slackEscaped(command)}\``)]
  return JSON.stringify({
    text: slackEscaped(title),
    blocks: [
      { type: 'section', text: slackText(`*${slackEscaped(title)}*`) },
      ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
      ...next.map((text) => ({ type: 'section', text })),
    ],
  })
}

/** `verbatim`: addresses and names in it are not made into links and mentions. */
function slackText(text: string) {
  return { type: 'mrkdwn', text, verbatim: true }
}

// With these three Slack writes links and mentions, so nobody else's text may.
function slackEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** For a workflow of Teams that posts a card when a webhook request is received. */
export function teamsBody(message: Message): string {
  const { title, facts, command } = shown(message)
  const lines = facts.map(([label, value]) =>
    teamsLine(textRun(`${label}: `, true), textRun(value)),
  )
  const next = command === null ? [] : [teamsLine(textRun('Run '), textRun(command, true))]
  const content = {
    type: 'AdaptiveCard',
    version: '1.4',
    body: [teamsLine(textRun(title, true)), ...lines, ...next],
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return JSON.stringify({
    type: 'message',
    attachments: [{ contentType, contentUrl: null, content }],
  })
}

// A plain text block reads Markdown, in which anybody's text could be a link. This one does not.
function teamsLine(...inlines: object[]) {
  return { type: 'RichTextBlock', inlines }
}

function textRun(text: string, bold = false) {
  return { type: 'TextRun', text, ...(bold && { weight: 'Bolder' }) }
}
