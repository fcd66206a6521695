import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An agent of the hotline rings somebody who has not judged how a case went: takes
// the call, leaves the form empty, and records that nobody answered.
test('a caller takes a callback and records an attempt by keyboard @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const agent = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'agent')
  await agent.goto('/desk')
  await agent.locator('a[href="/desk/callbacks"]').first().focus()
  await agent.keyboard.press('Enter')
  await expect(agent).toHaveURL(/\/desk\/callbacks$/)
  await expectSound(agent, lang)

  if (javaScriptEnabled !== false) {
    await agent.keyboard.press('?')
    await expect(agent.getByRole('dialog')).toBeVisible()
    await agent.keyboard.press('Escape')
    await expect(agent.getByRole('dialog')).toBeHidden()
    await agent.keyboard.press('j')
    await expect(agent.locator('.mq-row__title').first()).toBeFocused()
  }
  const free = agent.locator('.mq-row:not(:has(.mq-tag--watch)) .mq-row__title')
  await free.last().focus()
  const at = await free.last().getAttribute('href')
  await agent.keyboard.press('Enter')
  await expect(agent).toHaveURL(new RegExp(`${at}$`))
  await expect(agent.locator('input[name=grade]'), 'nothing is recorded before the call is taken').toHaveCount(0)
  await expectSound(agent, lang)
  await agent.locator('form[action$="/take"] button').focus()
  await agent.keyboard.press('Enter')
  await expect(agent.locator('input[name=reveal_reason]')).toBeVisible()
  await expect(agent.locator('input[type=radio]:checked'), 'no answer is chosen beforehand').toHaveCount(0)
  await expectSound(agent, lang)

  const save = agent.locator('form:has(input[name=outcome]) button[type=submit]')
  await save.focus()
  await agent.keyboard.press('Enter')
  await expect(agent.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(agent, lang)
  await agent.locator('input[name=channel][value=phone]').focus()
  await agent.keyboard.press('Space')
  await agent.locator('input[name=outcome][value=not_reached]').focus()
  await agent.keyboard.press('Space')
  await save.focus()
  await agent.keyboard.press('Enter')
  await expect(agent).toHaveURL(/\/desk\/callbacks$/)
  await expect(agent.locator('.mq-notice--done')).toBeVisible()
  await agent.goto(at!)
  await expect(agent.locator('#tried')).toBeVisible()
  await expectSound(agent, lang)
})
