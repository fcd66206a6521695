// What every page must be, whatever it shows.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import { expect, narrow, test, wide, type Lang } from './test.ts'
import type { Page } from '@playwright/test'

// expectSound checks the page that is open: its language, one main heading, nothing
// shown that is hidden, no message key in place of words, and at the width of a desk
// and of a phone no sideways scrolling and no violation of axe's rules (all of them,
// WCAG 2.2 A and AA included).
export async function expectSound(page: Page, lang: Lang) {
  await expect(page.locator('html')).toHaveAttribute('lang', lang)
  await expect(page.locator('h1')).toHaveCount(1)
  const { title, text } = await page.evaluate(() => ({ title: document.title, text: document.body.innerText }))
  expect(title).not.toBe('')
  await expect(page.locator('[hidden]:visible'), 'what is hidden must not show').toHaveCount(0)
  expect(text.match(/\b[a-z]+\.[a-z_]+\.[a-z_.]+\b(?!-)/g)?.filter(isKey) ?? [], 'message keys shown').toEqual([])
  if (test.info().project.use.javaScriptEnabled === false) return
  await bringRules(page)
  expect(await sideways(page), 'pixels of sideways scrolling').toBeLessThanOrEqual(0)
  expect(await violations(page)).toEqual([])
  if (test.info().tags.includes('@six')) return // its journey comes here in the other width too
  const own = page.viewportSize()!
  await page.setViewportSize(own.width === narrow.width ? wide : narrow)
  // A width that was just set is laid out a moment later.
  await expect.poll(() => sideways(page), { message: 'pixels of sideways scrolling in the other width', timeout: 2000 }).toBeLessThanOrEqual(0)
  const shape = lang + await shapeOf(page)
  if (!judged.has(shape)) expect(await violations(page), 'in the other width').toEqual([])
  judged.add(shape)
  await page.setViewportSize(own)
}

// Addresses such as portal.example.org look like keys and are none. Names of texts
// in the audit trail end in a language, reopened.mail.zh-Hant, and are not meant, nor
// are names of files.
function isKey(word: string): boolean {
  return !/\.(org|com|net|test|gov|example|html|csv|json|xml|pdf)$/.test(word)
}

// bringRules sends axe as it is: page.evaluate would wrap and eval it, which takes
// twice as long on every page of every journey.
async function bringRules(page: Page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Runtime.evaluate', { expression: rules, silent: true })
  await devtools.detach()
}

const rules = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

// Shapes of pages that this worker has judged in the other width: most pages of a
// journey differ from the one before in their texts only.
const judged = new Set<string>()

// shapeOf is which elements a page is made of.
async function shapeOf(page: Page): Promise<string> {
  return page.evaluate(() => [...new Set([...document.querySelectorAll('body *')].map((one) => `${one.tagName}.${one.getAttribute('class') ?? ''}`))].sort().join(' '))
}

async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'], preload: false })) // no page plays anything
  return found.violations.map((rule) => `${rule.id}: ${rule.help}: ${rule.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}
