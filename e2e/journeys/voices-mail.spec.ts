// Following a published question by mail, with a real mail server.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectSound } from '../support/page.ts'
import { startPost } from '../support/post.ts'
import { freePort, serve, type Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'

let folder: string
let portal: Server
let post: Awaited<ReturnType<typeof startPost>>

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'minqing-voices-'))
  await cp(process.env.TEST_BROWSER_TEMPLATE!, folder, { recursive: true })
  post = await startPost()
  portal = await serve(folder, '', { port: await freePort(), settings: post.settings })
})

test.afterAll(async () => {
  await portal?.stop()
  post?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('somebody without an account follows a question by mail @noscript', async ({ page, lang }, info) => {
  const email = `f.${info.project.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${info.retry}@home.test`
  await page.goto(`${portal.url}/voices?lang=${lang}`)
  await page.locator('.mq-row__title').first().click()
  const at = page.url()
  const form = page.locator('form[action$="/follow"]')
  await form.locator('input').fill('nothing')
  await form.locator('button').click()
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await expect(form.locator('input'), 'what was typed stays').toHaveValue('nothing')
  await expectSound(page, lang)
  await form.locator('input').fill(email)
  await form.locator('button').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  const [, link] = await post.to(email, /(\/voices\/follow\/[0-9A-Za-z.-]+)/)
  await page.goto(portal.url + link)
  await expectSound(page, lang)
  await page.locator('main form button').click()
  await expect(page).toHaveURL(at)
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await page.goto(portal.url + link)
  await expect(page.locator('main form'), 'the link works once').toHaveCount(0)
})
