// What every page must be, whatever it shows.
import axe from 'axe-core'
import { expect, test, type Lang } from './test.ts'
import type { Page } from '@playwright/test'

// expectSound checks the page that is open: its language, one main heading, nothing
// shown that is hidden, no sideways scrolling, no message key in place of words, and no violation of
// axe's rules (all of them, WCAG 2.2 A and AA included).
export async function expectSound(page: Page, lang: Lang) {
  await expect(page.locator('html')).toHaveAttribute('lang', lang)
  await expect(page.locator('h1')).toHaveCount(1)
  expect(await page.title()).not.toBe('')
  const text = await page.locator('body').innerText()
  await expect(page.locator('[hidden]:visible'), 'what is hidden must not show').toHaveCount(0)
  expect(text.match(/\b[a-z]+\.[a-z_]+\.[a-z_.]+\b/g)?.filter(isKey) ?? [], 'message keys shown').toEqual([])
  if (test.info().project.use.javaScriptEnabled === false) return
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(over, 'pixels of sideways scrolling').toBeLessThanOrEqual(0)
  expect(await violations(page)).toEqual([])
}

// Addresses such as portal.example.org look like keys and are none.
function isKey(word: string): boolean {
  return !/\.(org|com|net|test|gov|example|html|csv|json|xml)$/.test(word)
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map((rule) => `${rule.id}: ${rule.help}: ${rule.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}
