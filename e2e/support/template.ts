// Before all journeys: load the demo city once. Each worker takes a copy of the
// folder, so that journeys never meet each other's cases.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, serve } from './server.ts'

export default async function () {
  const folder = await mkdtemp(join(tmpdir(), 'minqing-city-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const server = await serve(folder)
    await server.stop()
    if (process.env.TEST_BROWSER_CASES) await load(folder, process.env.TEST_BROWSER_CASES)
  } catch (reason) {
    await remove()
    throw reason
  }
  process.env.TEST_BROWSER_TEMPLATE = folder
  return remove
}
