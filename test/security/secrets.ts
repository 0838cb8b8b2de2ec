/** Which of the secrets a text gives away, and in which form. Line breaks and blanks within it hide nothing. */
export function leaks(text: string, secrets: Readonly<Record<string, string>>): string[] {
  const dense = text.replaceAll(/\\[nrt]|\s/g, '')
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).flatMap(([form, shown]) =>
      text.includes(shown) || dense.includes(shown.replaceAll(/\s/g, ''))
        ? `${name} (${form})`
        : [],
    ),
  )
}

function formsOf(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret)
  return {
    plain: secret,
    hex: bytes.toString('hex'),
    HEX: bytes.toString('hex').toUpperCase(),
    url: bytes.toString('hex').replaceAll(/../g, '%$&'),
    json: JSON.stringify(secret).slice(1, -1),
    ...base64Of(bytes),
  }
}

/** What base64 makes of it wherever in a longer text it stands: the inner part that no neighbour touches. */
function base64Of(bytes: Buffer): Record<string, string> {
  const forms: Record<string, string> = {}
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    const whole = shifted.subarray(0, shifted.length - (shifted.length % 3))
    const from = offset === 0 ? 0 : 4
    forms[`base64+${offset}`] = whole.toString('base64').slice(from)
    forms[`base64url+${offset}`] = whole.toString('base64url').slice(from)
  }
  return forms
}
