const hide = '\u001b[?25l'
const show = '\u001b[?25h'

/** Hides the cursor until the function it returns is called, the process ends or Ctrl-Z pauses it. */
export function hideCursor(stream: NodeJS.WriteStream, paused: () => void): () => void {
  const restore = () => void stream.write(show)
  const pause = () => {
    restore()
    paused()
    process.kill(process.pid, 'SIGSTOP')
  }
  const resume = () => void stream.write(hide)
  stream.write(hide)
  process.on('exit', restore)
  process.on('SIGTSTP', pause)
  process.on('SIGCONT', resume)
  return () => {
    process.off('exit', restore)
    process.off('SIGTSTP', pause)
    process.off('SIGCONT', resume)
    restore()
  }
}
