// Acts: <a data-act="NAME" href="URL"> stands for the form of an act that few
// cases need. The link leads to the page with that form open; here the form is
// fetched into its place. What it sends is about the case as the page shows it:
// whoever did something since then is told of before anything is done.
import { startDrafts } from './drafts.js'

export function start() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-act]')
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    open(link).then((form) => form?.querySelector('input:not([type=hidden]), select, textarea, button')?.focus())
  })
  startDrafts(open)
}

// open gives the form, or goes to its page when it cannot be had in place.
async function open(link) {
  if (link.dataset.asked) return null
  link.dataset.asked = '1'
  const response = await fetch(link.href, { headers: { 'HX-Request': 'true' } }).catch(() => null)
  const page = document.createElement('template')
  page.innerHTML = response?.ok ? await response.text() : ''
  const folded = page.content.querySelector(`#act-${link.dataset.act}`)
  if (!folded) {
    window.location.assign(link.href)
    return null
  }
  const form = folded.querySelector('form')
  const here = link.closest('[data-version]')
  if (here) form.elements.version.value = here.dataset.version
  link.replaceWith(folded)
  form.dispatchEvent(new CustomEvent('act', { bubbles: true }))
  return form
}
