import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const open = ['/matters', '/matters?q=路燈', '/matters/street-light', '/file', '/track', '/sign-in', '/register', '/scorecard', '/api/docs', '/evaluate/none', '/no-such-page']

test('pages that anybody may open are sound @noscript @three', async ({ page, lang }) => {
  test.slow() // many pages
  for (const path of open) {
    await test.step(path, async () => {
      await page.goto(path)
      await expectSound(page, lang)
    })
  }
})

// Where each kind of people lands, which is where their work is, and pages that are
// a step further in.
const inside: Record<string, [home: RegExp, ...further: string[]]> = {
  citizen: [/\/\?lang=/, '/me/privacy', '/me/privacy/erase', '/me/fees'],
  agent: [/\/desk/, '/desk/intake', '/desk/counter', '/desk/counter/begin/outdoor-sign', '/desk/counter/permits'],
  handler: [/\/desk/, '/me/security', '/desk/clocks?clock=acceptance'],
  supervisor: [/\/desk/, '/desk/clocks', '/desk/supervised'],
  official: [/\/insight\/performance/, '/insight/permits'],
  admin: [/\/admin\/jobs/],
  auditor: [/\/admin\/audit/, '/admin/audit?log=reads', '/admin/retention'],
  security: [/\/admin\/access/, '/admin/access/explain', '/admin/access/ask', '/admin/access/requests', '/admin/access/rules', '/admin/keys', '/admin/accounts?q=陳'],
}

for (const [name, [home, ...further]] of Object.entries(inside)) {
  test(`${name} finds their work and sound pages @noscript @three`, async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
    test.slow()
    const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, name)
    await expect(page).toHaveURL(home)
    await expectSound(page, lang)
    for (const path of further) {
      await test.step(path, async () => {
        const answer = await page.goto(path)
        expect(answer!.status()).toBe(200)
        await expectSound(page, lang)
      })
    }
  })
}

test('who may not enter is told so, and nothing else @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'citizen')
  const answer = await page.goto('/desk')
  expect(answer!.status()).toBe(403)
  await expectSound(page, lang)
})
