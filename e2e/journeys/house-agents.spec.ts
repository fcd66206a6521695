// An enterprise gives an agent an authority, which is used and ends; its owner hands it
// over and leaves.
import { answered, begin } from '../support/apply.ts'
import { authorityEnds } from '../support/days.ts'
import { ownCity } from '../support/own.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { startPost } from '../support/post.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

const enterprise = { code: '91000000000000123L', name: '臨江樂川商行' }

const own = ownCity(startPost)

test('an authority is given, used, and over', async ({ browser, contextOptions, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL: own.portal.url, viewport, locale }
  const owner = await signedIn(browser, options, lang, 'company')
  await actsFor(owner)
  await owner.goto('/enterprise/agents/new')
  await owner.locator('main form button[type=submit]').click()
  await expect(owner.locator('.govuk-error-summary')).toBeVisible() // whom, and the letter
  await expectSound(owner, lang)
  await owner.locator('input[name=mail]').fill('citizen@demo.test')
  await owner.locator('input[name=scope][value=outdoor-sign]').check()
  await owner.locator('input[name=document]').setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%letter\n%%EOF\n') })
  await owner.locator('main form button[type=submit]').click()
  await expect(owner.locator('.mq-notice--done')).toBeVisible()
  await expectSound(owner, lang)

  const [, link] = await own.post.to('citizen@demo.test', /(\/enterprise\/invitation\/[0-9A-Za-z.-]+)/)
  const agent = await signedIn(browser, options, lang, 'citizen')
  await agent.goto(link!)
  await expectSound(agent, lang)
  await agent.locator('button[value=accept]').click()
  await expect(agent.locator('.mq-acting')).toContainText(enterprise.name)
  await expectSound(agent, lang)
  await owner.goto('/enterprise/agents')
  await expect(owner.locator('main')).toContainText('林小滿')
  await expectSound(owner, lang)

  await begin(agent, 'outdoor-sign')
  const draft = agent.url().replace(/\/questions$/, '')
  for (const [name, value] of [['lit', 'false'], ['roof', 'false'], ['own_building', 'true']]) await agent.locator(`input[name="answers.${name}"][value=${value}]`).check()
  await agent.locator('input[name="answers.place"]').fill('湖濱路 30 號')
  await agent.locator('input[name="answers.area"]').fill('4')
  await answered(agent)
  await expectSound(agent, lang)
  const beyond = await agent.request.post('/enterprise/apply/road-occupation', { maxRedirects: 0 })
  expect(beyond.status(), 'what the authority does not name').toBe(404)

  await agent.goto(`${draft}/questions`)
  await agent.locator('input[name="answers.place"]').fill('湖濱路 32 號')
  await authorityEnds(own.folder, enterprise.code)
  await agent.locator('form:has(input[name=asked]) button[type=submit]').first().click()
  await expect(agent.locator('main')).toContainText(word(lang, 'permit.no_more')) // and says what was kept
  await expect(agent.locator('#typed-text')).toContainText('湖濱路 32 號') // and gives back what was not
  await expect(agent.locator('main')).toContainText(word(lang, 'permit.gone.ask', { Name: enterprise.name }))
  await expect(agent.locator('[data-copy=typed-text]')).toBeVisible()
  await expectSound(agent, lang)
  await agent.goto('/enterprise')
  await expect(agent.locator('.mq-acting')).not.toContainText(enterprise.name)
  await owner.goto(`${draft}/questions`)
  await expect(owner.locator('input[name="answers.place"]')).toHaveValue('湖濱路 30 號') // what was kept is there
  await expectSound(owner, lang)
})

test('the owner of an enterprise hands it over and leaves', async ({ browser, contextOptions, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL: own.portal.url, viewport, locale }
  const owner = await signedIn(browser, options, lang, 'company')
  await actsFor(owner)
  const self = async () => {
    await owner.goto('/enterprise/members')
    await owner.locator('#members tbody tr', { hasText: '樂小川' }).locator('a').click()
  }
  await self()
  await expect(owner.locator('button[value=remove]')).toHaveCount(0) // the last owner hands over first
  await expectSound(owner, lang)
  await owner.locator('main a[href="/enterprise/handover"]').last().click()
  await owner.locator('button[value=offer]').click()
  await expect(owner.locator('.govuk-error-summary')).toBeVisible() // to whom
  await expectSound(owner, lang)
  await owner.locator('input[name=member]').first().check()
  await owner.locator('button[value=offer]').click()
  await expect(owner.locator('button[value=withdraw]')).toBeVisible()
  await expectSound(owner, lang)

  const clerk = await signedIn(browser, options, lang, 'clerk')
  await actsFor(clerk)
  await clerk.locator('main a[href="/enterprise/handover"]').first().click()
  await expectSound(clerk, lang)
  await clerk.locator('button[value=accept]').click()
  await expect(clerk.locator('.mq-notice--done')).toBeVisible()
  await expectSound(clerk, lang)

  await self()
  await owner.locator('button[value=remove]').click()
  await owner.goto('/enterprise')
  await expect(owner.locator('main')).not.toContainText(enterprise.name)
  await expectSound(owner, lang)
  await clerk.goto('/enterprise/members')
  await expect(clerk.locator('#members tbody tr')).toHaveCount(1)
  await expect(clerk.locator('button[value=invite]')).toBeVisible() // it is theirs now
  await expectSound(clerk, lang)
  await clerk.goto('/enterprise/applications')
  await expect(clerk.locator('main .mq-row').first()).toBeVisible() // and nothing is lost
})

// actsFor has somebody act for the enterprise.
async function actsFor(page: Page) {
  await page.goto('/enterprise')
  if ((await page.locator('h1').textContent())!.trim() !== enterprise.name) {
    await page.locator('.mq-acting summary').click()
    await page.locator('.mq-acting button', { hasText: enterprise.name }).first().click()
  }
  await expect(page.locator('h1')).toHaveText(enterprise.name)
}
