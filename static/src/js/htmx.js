import htmx from 'htmx.org/dist/htmx.esm.js'

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // no page of a person stays in local storage
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '409', swap: true },
    { code: '...', swap: false, error: true },
  ],
})
// This module may arrive after the page was ready.
if (document.readyState !== 'loading') htmx.process(document.body)
// What somebody typed before it arrived counts as well.
for (const field of document.querySelectorAll('input, textarea')) {
  if (field.type !== 'hidden' && field.value !== field.defaultValue) field.dispatchEvent(new Event('change', { bubbles: true }))
}
// An answer that the page cannot show in place is shown as a page.
document.body.addEventListener('htmx:responseError', () => { window.location.reload() })
