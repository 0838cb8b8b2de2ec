import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours for one stream: none when it is piped or NO_COLOR is set. */
export interface Palette {
  good: (text: string) => string
  bad: (text: string) => string
  caution: (text: string) => string
  strong: (text: string) => string
  faint: (text: string) => string
}

export function paletteFor(stream: NodeJS.WriteStream): Palette {
  const paint = (style: Style) => (text: string) => styleText(style, text, { stream })
  return {
    good: paint('green'),
    bad: paint('red'),
    caution: paint('yellow'),
    strong: paint('bold'),
    faint: paint('dim'),
  }
}
