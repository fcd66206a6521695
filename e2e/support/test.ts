// The `test` of every journey: a server per worker, the reader's language, and
// an eye on everything that the browser complains about.
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, type Server } from './server.ts'

export const languages = ['zh-Hant', 'zh-Hans', 'en'] as const
export type Lang = (typeof languages)[number]

export const wide = { width: 1280, height: 900 }
export const narrow = { width: 390, height: 844 }

// What browsers of such readers ask for.
const region: Record<Lang, string> = { 'zh-Hant': 'zh-TW', 'zh-Hans': 'zh-CN', en: 'en-GB' }

export type Options = { lang: Lang; database: string; proof: boolean }

export const test = base.extend<{ lang: Lang; complaints: void }, { database: string; proof: boolean; server: Server }>({
  lang: ['zh-Hant', { option: true }],
  database: ['', { option: true, scope: 'worker' }],
  proof: [true, { option: true, scope: 'worker' }],

  server: [async ({ database, proof }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'minqing-browser-'))
    await cp(process.env.TEST_BROWSER_TEMPLATE!, folder, { recursive: true })
    const server = await serve(folder, database, { settings: { TEST_PROOF_PAGES: proof ? 'on' : '' } })
    await use(server)
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }, { scope: 'worker', timeout: 150_000 }],

  baseURL: async ({ server }, use) => use(server.url),
  locale: async ({ lang }, use) => use(region[lang]),

  // Script errors and refusals of the content security policy fail the test, in
  // every window that it opens; so does a server that logged an error.
  complaints: [async ({ page, browser, server }, use, info) => {
    const heard: string[] = []
    const before = server.log().length
    const opened: BrowserContext[] = []
    const watch = (context: BrowserContext) => {
      opened.push(context)
      context.on('page', (one) => listen(one, heard))
    }
    listen(page, heard)
    page.context().on('page', (one) => listen(one, heard))
    browser.on('context', watch)
    await use()
    browser.off('context', watch)
    await Promise.all(opened.map((context) => context.close()))

    expect(heard, 'complaints of the browser').toEqual([])
    const log = server.log().slice(before)
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: log })
    expect(log.split('\n').filter((line) => /level=ERROR|"level":"ERROR"|panic:/.test(line)), 'errors of the server').toEqual([])
  }, { auto: true }],
})

function listen(page: Page, heard: string[]) {
  page.on('pageerror', (error) => heard.push(error.message))
  page.on('console', (message) => {
    // An answer such as 422 is part of a journey, not a complaint.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) heard.push(message.text())
  })
  page.on('response', (response) => {
    if (response.status() >= 500) heard.push(`${response.status()} ${response.url()}`)
  })
}

export { expect }
