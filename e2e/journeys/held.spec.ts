import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

// Somebody asks for a permit of theirs to be renewed; another is proposed to be
// revoked by one official and revoked by a second, and the holder reads why.
test('a permit is renewed, and another taken away by two people @noscript @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
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
  await expect(holder.locator('a[href^="/enterprise/applications/"]')).toBeVisible()
  await expect(holder.locator('button[value=renewal]')).toHaveCount(0) // one at a time

  const no = address.split('/').pop()!
  const handler = await signedIn(browser, options, lang, 'permits')
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

  const head = await signedIn(browser, options, lang, 'head')
  await head.goto('/desk/permits')
  await expectSound(head, lang)
  await head.locator('.mq-card--due').getByText(no).click()
  await expectSound(head, lang)
  await head.locator('button[value=agree]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()

  await holder.goto(address)
  await expect(holder.getByText('核發時不符合設置規範。')).toBeVisible()
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
