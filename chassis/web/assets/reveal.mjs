// Shows what belongs to an answer while that answer is chosen. govuk-frontend's own component says aria-expanded on
// radio buttons, which ARIA does not allow there; without script everything is shown.

export function revealAll() {
  const inputs = [...document.querySelectorAll('input[data-aria-controls]')]
  for (const input of inputs) {
    input.setAttribute('aria-controls', input.dataset.ariaControls)
  }
  const sync = () => inputs.forEach(show)
  document.addEventListener('change', sync)
  window.addEventListener('pageshow', sync) // the way back may restore other answers
  sync()
}

function show(input) {
  const part = document.getElementById(input.dataset.ariaControls)
  part?.classList.toggle(`govuk-${input.type === 'radio' ? 'radios' : 'checkboxes'}__conditional--hidden`, !input.checked)
}
