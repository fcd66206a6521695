// Following a published question by mail, with a real mail server.
import { ownCity } from '../support/own.ts'
import { expectSound } from '../support/page.ts'
import { startPost } from '../support/post.ts'
import { expect, test } from '../support/test.ts'

const own = ownCity(startPost)

test('somebody without an account follows a question by mail @noscript', async ({ page, lang }, info) => {
  const email = `f.${info.project.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${info.retry}@home.test`
  await page.goto(`${own.portal.url}/voices?lang=${lang}`)
  await page.locator('.mq-row__title').first().click()
  const at = page.url()
  const form = page.locator('form[action$="/follow"]')
  await form.locator('input').fill('nothing')
  await form.locator('button').click()
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await expect(form.locator('input'), 'what was typed stays').toHaveValue('nothing')
  await expectSound(page, lang)
  await form.locator('input').fill(email)
  await form.locator('button').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  const [, link] = await own.post.to(email, /(\/voices\/follow\/[0-9A-Za-z.-]+)/)
  await page.goto(own.portal.url + link)
  await expectSound(page, lang)
  await page.locator('main form button').click()
  await expect(page).toHaveURL(at)
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await page.goto(own.portal.url + link)
  await expect(page.locator('main form'), 'the link works once').toHaveCount(0)
})
