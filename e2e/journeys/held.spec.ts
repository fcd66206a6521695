import { answered, attach, grant, sign } from '../support/apply.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

// Somebody asks for a permit of theirs to be renewed and gets the next one, which begins
// when the first ends. That one is proposed to be revoked by one official and revoked by
// a second, and the holder reads why. What silence renews needs the clock moved: that
// walk is TestSilenceRenewsOnThePages in internal/app.
test('a permit is renewed, and taken away by two people @noscript @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(200_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const holder = await signedIn(browser, options, lang, 'citizen')
  await holder.goto('/me/permits')
  await expectSound(holder, lang)
  await holder.locator('.mq-row').filter({ hasText: word(lang, 'held.row.renew') }).locator('a').click()
  await expectSound(holder, lang)
  const address = new URL(holder.url()).pathname
  await holder.locator('button[value=renewal]').click()
  await expect(holder).toHaveURL(/\/questions$/)
  await expect(holder.locator('input[name="answers.place"]')).toHaveValue('南埔巷 7 號') // what is known is not asked again
  await expect(holder.locator('input[name="answers.own_building"][value=true]')).toBeChecked()
  await holder.goto(address)
  await expect(holder.locator('button[value=renewal]')).toHaveCount(0) // one at a time
  await holder.locator('main a[href^="/enterprise/applications/"]').click()
  await answered(holder)
  await attach(holder, 'drawing')
  await attach(holder, 'photo')
  const caseNo = await sign(holder)
  const application = new URL(holder.url()).pathname

  const handler = await signedIn(browser, options, lang, 'permits')
  const head = await signedIn(browser, options, lang, 'head')
  await grant(handler, head, caseNo, ['drawing', 'photo'])
  await holder.goto(application)
  await expect(holder.locator('section[aria-labelledby=result]')).toContainText(word(lang, 'permit.result.granted'))
  await expectSound(holder, lang)

  const first = address.split('/').pop()!
  await holder.goto(address)
  await holder.locator('section[aria-labelledby=renewal] a[href^="/me/permits/"]').click() // the one that takes its place
  const no = (await holder.locator('#permit-no').textContent())!.trim()
  const next = new URL(holder.url()).pathname
  expect(no).not.toBe(first)
  await expectSound(holder, lang)
  const stands = async (of: string) => (await holder.request.get(`/verify/${of}`, { headers: { accept: 'application/json' } })).json()
  const [before, after] = [await stands(first), await stands(no)]
  expect([before.state, after.state]).toEqual(['valid', 'future'])
  expect(Date.parse(after.permit.valid_from) - Date.parse(before.permit.valid_until)).toBe(86_400_000) // the day after
  expect(Date.parse(after.permit.valid_until)).toBeGreaterThan(Date.parse(after.permit.valid_from) + 1000 * 86_400_000) // three years
  await holder.goto(`/verify/${no}`)
  await expect(holder.locator('h1')).toHaveText(word(lang, 'verify.is.future'))

  await handler.goto(`/desk/permits?no=${no.toLowerCase()}`)
  await expect(handler).toHaveURL(new RegExp(`/desk/permits/${no}$`))
  const revoke = handler.locator('details').filter({ has: handler.locator('button[value=revoke]') })
  await revoke.locator('summary').click()
  await revoke.locator('button[value=revoke]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible() // the ground and the reason
  await expectSound(handler, lang)
  await handler.locator('input[name="revoke.ground"][value=unlawful]').check()
  await handler.locator('textarea[name="revoke.reason"]').fill('核發時不符合設置規範。')
  await revoke.locator('button[value=revoke]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expect(handler.locator('button[value=agree]')).toHaveCount(0) // somebody else decides
  await head.goto(`/desk/permits/${no}`)
  await expect(head.locator('button[value=agree]')).toHaveCount(0) // the holder is heard first
  await expectSound(handler, lang)
  await handler.locator('button[value=ask_holder]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expectSound(handler, lang)
  await holder.goto(next)
  await expect(holder.locator('section[aria-labelledby=hearing]')).toContainText('核發時不符合設置規範。')
  await holder.locator('button[value=state]').click()
  await expect(holder.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(holder, lang)
  await holder.locator('textarea[name=statement]').fill('招牌已經改小。')
  await holder.locator('button[value=state]').click()
  await expect(holder.locator('.mq-notice--done')).toBeVisible()
  await expectSound(holder, lang)

  await head.goto('/desk/permits')
  await expectSound(head, lang)
  await head.locator('.mq-card--due').getByText(no).click()
  await expect(head.locator('section[aria-labelledby=proposal]')).toContainText('招牌已經改小。')
  await expectSound(head, lang)
  await head.locator('button[value=agree]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()

  await holder.goto(next)
  await expect(holder.getByText('核發時不符合設置規範。').first()).toBeVisible()
  await expect(holder.getByText(word(lang, 'held.said.revoked'))).toBeVisible()
  await expectSound(holder, lang)
})

// What is owed after issue: the enterprise sees it at home, hands it in, and the unit says it is met.
test('a duty that is due is handed in and settled @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const holder = await signedIn(browser, options, lang, 'company')
  await holder.goto('/enterprise')
  await holder.locator('.mq-acting summary').click()
  await holder.locator('.mq-acting button', { hasText: '樂川' }).first().click()
  const owed = holder.locator('.mq-row').filter({ has: holder.locator('a[href*="/duties/"]') }) // among what needs us now
  await expect(owed.filter({ hasText: word(lang, 'duty.state.overdue') })).toHaveCount(1)
  await holder.goto('/me/permits')
  const rows = holder.locator('.mq-row')
  await expect(rows.filter({ hasText: word(lang, 'duty.row.overdue', { Name: '' }) })).toHaveCount(1)
  await rows.filter({ hasText: word(lang, 'duty.row.soon', { Name: '' }) }).last().locator('a').click() // the sign
  await holder.locator('a[href*="/duties/"]').click()
  const address = new URL(holder.url()).pathname
  await holder.locator('button[value=send]').click()
  await expect(holder.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(holder, lang)
  await holder.locator('textarea[name=statement]').fill('十一月三日檢查，固定良好。')
  await holder.locator('button[value=send]').click()
  await expect(holder.locator('.mq-notice--done')).toBeVisible()

  const handler = await signedIn(browser, options, lang, 'permits')
  await handler.goto('/desk/permits/duties?show=received')
  await expectSound(handler, lang)
  await handler.locator(`a[href="${address.replace('/me/', '/desk/')}"]`).click()
  await handler.locator('input[name=ruling][value=met]').check()
  await expectSound(handler, lang)
  await handler.locator('form button[type=submit]').last().click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await holder.goto(address)
  await expect(holder.getByText(word(lang, 'duty.state.met'), { exact: true })).toBeVisible()
})
