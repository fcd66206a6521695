// An enterprise is registered by a code, and its owner invites and removes a colleague.
import { ownCity } from '../support/own.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { startPost } from '../support/post.ts'
import { expect, test } from '../support/test.ts'

const own = ownCity(startPost)

test('an enterprise is registered, and a colleague comes and goes', async ({ browser, contextOptions, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL: own.portal.url, viewport, locale }
  const owner = await signedIn(browser, options, lang, 'citizen')
  await owner.goto('/enterprise')
  await expectSound(owner, lang)
  await owner.locator('.mq-empty a').click()
  await owner.locator('input[name=code]').fill('00010004')
  await owner.locator('main form button').click()
  await expect(owner.locator('.govuk-error-summary'), 'a wrong check digit').toBeVisible()
  await expect(owner.locator('input[name=code]')).toHaveValue('00010004')
  await expectSound(owner, lang)
  await owner.locator('input[name=code]').fill('0001 0003')
  await owner.locator('main form button').click()
  await expectSound(owner, lang)
  const [code] = await own.post.to('service@qinghe.example', /^[0-9A-Z]{4}-[0-9A-Z]{4}$/m)
  await owner.locator('input[name=code]').fill(code)
  await owner.locator('button[value=prove]').click()
  await expect(owner.locator('.mq-notice--done')).toBeVisible()
  await expect(owner.locator('.mq-acting')).toContainText('臨江青禾股份有限公司')
  await expectSound(owner, lang)

  await owner.goto('/enterprise/members')
  await owner.locator('input[name=mail]').fill('clerk@demo.test')
  await owner.locator('input[name=role][value=applicant]').check()
  await owner.locator('button[value=invite]').click()
  await expect(owner.locator('.mq-notice--done')).toBeVisible()
  await expectSound(owner, lang)

  const [, link] = await own.post.to('clerk@demo.test', /(\/enterprise\/invitation\/[0-9A-Za-z.-]+)/)
  const clerk = await signedIn(browser, options, lang, 'clerk')
  await clerk.goto(link!)
  await expectSound(clerk, lang)
  await clerk.locator('button[value=accept]').click()
  await expect(clerk.locator('.mq-acting')).toContainText('臨江青禾股份有限公司')
  await clerk.locator('.mq-acting summary').click()
  await clerk.locator('.mq-acting button', { hasText: '臨江晴嵐食品有限公司' }).click()
  await expect(clerk.locator('h1')).toHaveText('臨江晴嵐食品有限公司')
  await clerk.goto('/enterprise/agents/new')
  await expectSound(clerk, lang)

  await owner.goto('/enterprise/members')
  await owner.locator('#members tbody a').last().click()
  await expectSound(owner, lang)
  await owner.locator('button[value=remove]').click()
  await expect(owner.locator('.mq-notice--done')).toBeVisible()
  await clerk.goto('/enterprise')
  await clerk.locator('.mq-acting summary').click()
  await expect(clerk.locator('.mq-acting button', { hasText: '臨江青禾股份有限公司' })).toHaveCount(0)
})

test('staff decide whose an enterprise is', async ({ browser, contextOptions, viewport, locale, lang }) => {
  const options = { ...contextOptions, baseURL: own.portal.url, viewport, locale }
  const staff = await signedIn(browser, options, lang, 'dispatcher')
  await staff.goto('/people/enterprises')
  await expectSound(staff, lang)
  await staff.locator('#claims tbody a').first().click()
  await staff.locator('main form button[type=submit]').click()
  await expect(staff.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(staff, lang)
  await staff.locator('input[name=grant][value=yes]').check()
  await staff.locator('textarea[name=reason]').fill('執照與經營者相符。')
  await staff.locator('main form button[type=submit]').click()
  await expect(staff.locator('.mq-notice--done')).toBeVisible()
})
