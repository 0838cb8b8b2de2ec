import { join } from 'node:path'

/** Where this machine, this user and this project are. */
export interface Places {
  platform: NodeJS.Platform
  home: string
  env: Readonly<Record<string, string | undefined>>
  /** Absolute path of the project. */
  project: string
}

/** Where desktop programs keep their data: what Electron calls `appData`. */
export function applicationData({ platform, home, env }: Places): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming')
  return env.XDG_CONFIG_HOME || join(home, '.config')
}

/** A directory that a client lets a variable move. */
export function movable(places: Places, variable: string, usual: string): string {
  return places.env[variable] || join(places.home, usual)
}
