// What pages do better with JavaScript; without it they work all the same.
import {
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  SkipLink,
  createAll,
} from 'govuk-frontend'
import { autosaveAll } from './autosave.mjs'
import { revealAll } from './reveal.mjs'
import { watchSession } from './session.mjs'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
for (const Component of [Button, CharacterCount, ErrorSummary, NotificationBanner, PasswordInput, SkipLink]) {
  createAll(Component)
}
revealAll()
watchSession()
autosaveAll()
