// Signing in as the people of the demo city, and doing acts on a case.
import { expect } from './test.ts'
import type { Browser, BrowserContextOptions, Locator, Page } from '@playwright/test'

export const password = 'Linjiang-2026!'

// signedIn opens a browser of its own for a person, in the journey's language.
// The form is sent without drawing its page, which other journeys go through.
export async function signedIn(browser: Browser, options: BrowserContextOptions, lang: string, name: string): Promise<Page> {
  const context = await browser.newContext(options)
  const answer = await context.request.post('/sign-in', { form: { email: `${name}@demo.test`, password } })
  expect(answer.url()).not.toMatch(/sign-in/)
  const page = await context.newPage()
  const home = new URL(answer.url())
  home.searchParams.set('lang', lang)
  await page.goto(home.href)
  return page
}

// unfold opens the form of an act, which may have to be fetched first.
export async function unfold(page: Page, action: string): Promise<Locator> {
  const form = page.locator(`form:has(input[name=action][value=${action}])`)
  const link = page.locator(`[data-act=${action}]`)
  const summary = page.locator('details:not([open])').filter({ has: form }).locator('summary')
  if (await link.count()) await link.click()
  else if (await summary.count()) await summary.click()
  await expect(form).toBeVisible()
  return form
}

// act does one act on the open case; fill gets its form.
export async function act(page: Page, action: string, fill: (form: Locator) => Promise<void> = async () => {}) {
  const form = page.locator(`form:has(input[name=action][value=${action}])`)
  await unfold(page, action)
  await fill(form)
  await form.locator('button[type=submit]').first().click() // others lead to pages that help
  await expect(page.locator('.mq-notice--done')).toBeVisible()
}

// reply is one on which nobody has advice, in the language of the case.
export const reply: Record<string, string> = {
  'zh-Hant': '經現場勘查，電纜老化短路，已更換並於昨晚恢復照明。如再不亮，請撥 07-123-4567 轉路燈科。',
  'zh-Hans': '经现场勘查，电缆老化短路，已更换并于昨晚恢复照明。如再不亮，请拨打 0771-1234567 与路灯科联系。',
  en: 'We inspected the lamp and found that its cable had short-circuited. It was replaced last night. If the lamp fails again, call the lighting desk on 07-123-4567.',
}
