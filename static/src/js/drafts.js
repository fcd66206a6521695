// Drafts: <div data-drafts="URL"> holds forms of acts. What is typed into the
// first text of a form is kept at that address while somebody types, and put
// back into a form that is empty, with the words of data-words. The server forgets it once the act is done.
const PAUSE = 1500

const actOf = (form) => form.elements.action?.value
const written = (form) => actOf(form) && form.querySelector('textarea')

// open fetches the form that a link stands for.
export async function startDrafts(open) {
  const box = document.querySelector('[data-drafts]')
  if (!box) return
  const forms = [...box.querySelectorAll('form')].filter(written)
  if (forms.length === 0 && !box.querySelector('[data-act]')) return
  for (const form of forms) watch(form, box.dataset.drafts)
  const kept = new Map()
  box.addEventListener('act', ({ target: form }) => {
    if (!written(form)) return
    watch(form, box.dataset.drafts)
    putBack(form, kept.get(actOf(form)), box.dataset.words)
  })
  const response = await fetch(box.dataset.drafts, { headers: { Accept: 'application/json' } })
  if (!response.ok || !response.headers.get('Content-Type')?.includes('json')) return
  for (const { action, text } of await response.json()) {
    kept.set(action, text)
    const link = box.querySelector(`[data-act="${action}"]`)
    link ? open(link) : putBack([...box.querySelectorAll('form')].find((form) => actOf(form) === action), text, box.dataset.words)
  }
}

// putBack fills a text that nobody has begun anew, and shows where it is.
function putBack(form, text, words) {
  const area = form?.querySelector('textarea')
  if (!area || !text || area.value !== '') return
  area.value = text
  area.dispatchEvent(new Event('input', { bubbles: true }))
  const note = document.createElement('p')
  note.className = 'mq-says'
  note.setAttribute('role', 'status')
  note.textContent = words
  form.prepend(note)
  const folded = form.closest('details')
  if (folded) folded.open = true
}

function watch(form, url) {
  const area = form.querySelector('textarea')
  let kept = area.value
  let wait
  const keep = () => {
    clearTimeout(wait)
    if (area.value === kept) return
    kept = area.value
    fetch(url, { method: 'POST', keepalive: true, body: new URLSearchParams({ action: actOf(form), text: kept }) }).catch(() => { kept = null })
  }
  area.addEventListener('input', () => {
    clearTimeout(wait)
    wait = setTimeout(keep, PAUSE)
  })
  addEventListener('pagehide', keep)
  form.addEventListener('submit', () => {
    clearTimeout(wait)
    kept = area.value // it travels with the act; one that fails is shown again
  })
}
