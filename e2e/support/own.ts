// A server of a file's own, over a copy of the city, with a post office beside it.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, type Server } from './server.ts'
import { test } from './test.ts'

type Post = { settings: Record<string, string>; stop: () => void }

// ownCity has the tests of the file that calls it meet a server of their own, which is
// started before them: after the post office, whose settings it gets, and after prepare
// has done to the folder what is to be there first. The parts stand once a test runs.
export function ownCity<P extends Post>(open: () => Promise<P>, prepare = async (_folder: string) => {}) {
  const own = {} as { folder: string; portal: Server; post: P }
  test.beforeAll(async () => {
    own.folder = await mkdtemp(join(tmpdir(), 'minqing-own-'))
    await cp(process.env.TEST_BROWSER_TEMPLATE!, own.folder, { recursive: true })
    own.post = await open()
    await prepare(own.folder)
    own.portal = await serve(own.folder, '', { settings: own.post.settings })
  })
  test.afterAll(async () => {
    await own.portal?.stop()
    own.post?.stop()
    await rm(own.folder, { recursive: true, force: true })
  })
  return own
}
