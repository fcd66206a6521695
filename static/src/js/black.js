// Parts to black out: <form data-black="ID of the figure" data-most="50">, with a
// fieldset data-part for each part and its four numbers in percent. Whoever draws
// on the picture fills the numbers of the next empty part; whoever types sees
// the part drawn. The form is sent as it would be without this.
const sides = ['left', 'top', 'width', 'height']
const whole = 10000

export function start(form) {
  const over = document.getElementById(form.dataset.black).querySelector('svg')
  const all = form.querySelector('#areas')
  const parts = () => [...all.querySelectorAll('[data-part]')]
  const inputs = (part) => sides.map((side) => part.querySelector(`[name^="${side}-"]`))
  const isEmpty = (part) => inputs(part).every((input) => input.value.trim() === '')

  // What the server would read, in hundredths of a percent; null for no part.
  const areaOf = (part) => {
    const typed = inputs(part).map((input) => input.value.normalize('NFKC').trim())
    if (!typed.every((one) => /^\d{1,3}([.,]\d{1,2})?%?$/.test(one))) return null
    const [x, y, w, h] = typed.map((one) => Math.round(parseFloat(one.replace(',', '.')) * 100))
    return w > 0 && h > 0 && x + w <= whole && y + h <= whole ? { x, y, w, h } : null
  }

  const rect = ({ x, y, w, h }, on) => {
    const box = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
    for (const [name, value] of Object.entries({ x, y, width: w, height: h })) box.setAttribute(name, value)
    box.classList.toggle('is-on', on)
    return box
  }

  const draw = (extra) => {
    const boxes = []
    for (const part of parts()) {
      const area = areaOf(part)
      if (area) boxes.push(rect(area, part.contains(document.activeElement)))
      part.querySelector('[data-drop]').hidden = isEmpty(part)
    }
    if (extra) boxes.push(rect(extra, true))
    over.replaceChildren(...boxes)
  }

  // number gives a part another number: names, ids and what points at them.
  const number = (part, no) => {
    part.querySelector('[data-no]').textContent = no
    for (const side of sides) {
      const input = part.querySelector(`[name^="${side}-"]`)
      const label = part.querySelector(`label[for="${input.id}"]`)
      input.name = input.id = `${side}-${no}`
      label.htmlFor = input.id
    }
  }

  // clean takes a message away that was about other numbers.
  const clean = (part) => {
    for (const error of part.querySelectorAll('.govuk-error-message')) error.remove()
    for (const group of part.querySelectorAll('.govuk-form-group--error')) group.classList.remove('govuk-form-group--error')
    for (const input of inputs(part)) {
      input.classList.remove('govuk-input--error')
      input.removeAttribute('aria-invalid')
      input.removeAttribute('aria-describedby')
    }
  }

  const free = () => {
    const empty = parts().find(isEmpty)
    if (empty || parts().length >= Number(form.dataset.most)) return empty
    const next = parts().at(-1).cloneNode(true)
    clean(next)
    for (const input of inputs(next)) input.value = ''
    all.append(next)
    number(next, parts().length)
    return next
  }

  form.querySelector('[data-more]').hidden = true // room comes by drawing
  const percent = (n) => String(n / 100)

  form.addEventListener('input', () => draw())
  form.addEventListener('focusin', () => draw())
  form.addEventListener('click', ({ target }) => {
    const drop = target.closest('[data-drop]')
    if (!drop) return
    const part = drop.closest('[data-part]')
    clean(part)
    for (const input of inputs(part)) input.value = ''
    inputs(part)[0].focus()
    draw()
  })

  let from = null
  const at = (event) => {
    const box = over.getBoundingClientRect()
    const inside = (n, side) => Math.min(whole, Math.max(0, Math.round(n / side * whole)))
    return { x: inside(event.clientX - box.left, box.width), y: inside(event.clientY - box.top, box.height) }
  }
  const between = (a, b) => ({ x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) })
  over.classList.add('is-drawn')
  over.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    over.setPointerCapture(event.pointerId)
    from = at(event)
  })
  over.addEventListener('pointermove', (event) => { if (from) draw(between(from, at(event))) })
  over.addEventListener('pointercancel', () => { from = null; draw() })
  over.addEventListener('pointerup', (event) => {
    if (!from) return
    const area = between(from, at(event))
    from = null
    if (area.w < 20 || area.h < 20) return draw() // a click
    const part = free()
    form.querySelector('[data-full]').hidden = Boolean(part)
    if (part) {
      clean(part)
      inputs(part).forEach((input, i) => { input.value = percent([area.x, area.y, area.w, area.h][i]) })
    }
    draw()
  })
  draw()
}
