import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const open = ['/matters', '/matters?q=路燈', '/matters/street-light', '/file', '/track', '/sign-in', '/register', '/scorecard', '/api/docs', '/evaluate/none', '/no-such-page']

// Every page that anybody may open.
for (const path of open) {
  test(`${path} is sound @noscript`, async ({ page, lang }) => {
    await page.goto(path)
    await expectSound(page, lang)
  })
}

// Each kind of staff lands where their work is.
for (const [name, home] of [['handler', '/desk'], ['supervisor', '/desk'], ['official', '/insight/performance'], ['admin', '/admin/jobs'], ['auditor', '/admin/audit'],
  ['security', '/admin/access']] as const) {
  test(`${name} finds their work and a sound page @noscript @six`, async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
    const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, name)
    await expect(page).toHaveURL(new RegExp(home))
    await expectSound(page, lang)
  })
}

// Pages that are a step further in.
for (const [name, path] of [['auditor', '/admin/audit?log=reads'], ['security', '/admin/access/explain'], ['security', '/admin/access/ask'],
  ['security', '/admin/access/requests'], ['handler', '/me/security'], ['citizen', '/me/privacy'], ['citizen', '/me/privacy/erase'],
  ['supervisor', '/desk/clocks'], ['supervisor', '/desk/supervised'], ['handler', '/desk/clocks?clock=acceptance'], ['agent', '/desk/intake'], ['security', '/admin/keys'], ['security', '/admin/accounts?q=陳'],
  ['security', '/admin/access/rules'], ['auditor', '/admin/retention'], ['citizen', '/me/fees'], ['official', '/insight/permits']] as const) {
  test(`${path} is sound for ${name}`, async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
    const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, name)
    const answer = await page.goto(path)
    expect(answer!.status()).toBe(200)
    await expectSound(page, lang)
  })
}

test('who may not enter is told so, and nothing else', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'citizen')
  const answer = await page.goto('/desk')
  expect(answer!.status()).toBe(403)
  await expectSound(page, lang)
})
