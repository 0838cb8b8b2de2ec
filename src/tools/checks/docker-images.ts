import { skipped } from '../../core/check.ts'
import type { CheckRunner } from './check-runner.ts'

/** There is no image engine: the check says so and can never satisfy a gate. */
export const dockerImages: CheckRunner = {
  name: 'docker_images',
  foresee: () => ({ runs: false, text: 'do nothing: no images are configured' }),
  run: async () => skipped('docker_images', 'not checked: no images are configured'),
}
