// Small behaviours, each bound to a data attribute.

// data-copy="ID": the button copies the text of that element and says so in the
// words of data-done.
export function startCopy() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) continue
    button.hidden = false
    const words = button.querySelector('[data-words]') ?? button
    const before = words.textContent
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim())
      words.textContent = button.dataset.done
      setTimeout(() => { words.textContent = before }, 4000)
    })
  }
}

// data-print: the button prints the page.
export function startPrint() {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false
    button.addEventListener('click', () => window.print())
  }
}

// Menus are <details>: they close on Escape and on a click elsewhere.
export function startMenus() {
  const menus = document.querySelectorAll('details.mq-menu')
  document.addEventListener('click', (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false
  })
  for (const menu of menus) {
    menu.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !menu.open) return
      menu.open = false
      menu.querySelector('summary').focus()
    })
  }
}

// data-submit-on-change: a pointer's choice in a select sends its form. Keyboard
// users pass through options while choosing, so for them the button stays.
export function startSubmitOnChange() {
  for (const select of document.querySelectorAll('select[data-submit-on-change]')) {
    let byPointer = false
    select.addEventListener('pointerdown', () => { byPointer = true })
    select.addEventListener('keydown', () => { byPointer = false })
    select.addEventListener('change', () => { if (byPointer) select.form.requestSubmit() })
  }
}

// <details data-open-wide> is open where there is room beside the list.
export function startOpenWide() {
  const wide = window.matchMedia('(min-width: 60em)')
  for (const one of document.querySelectorAll('details[data-open-wide]')) if (wide.matches) one.open = true
}

// What an act did is read out first: the notice after a redirect takes the focus.
export function startNotice() {
  const notice = document.querySelector('[data-flash] .mq-notice')
  if (!notice) return
  notice.tabIndex = -1
  notice.focus({ preventScroll: true })
}

// data-send: Ctrl (or Command) and Enter press this button from any field of its form.
export function startSend() {
  for (const button of document.querySelectorAll('[data-send]')) {
    button.form.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return
      event.preventDefault()
      button.form.requestSubmit(button)
    })
  }
}
