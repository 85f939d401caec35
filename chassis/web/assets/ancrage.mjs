// What pages do better with JavaScript; without it they work all the same.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from 'govuk-frontend'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
for (const Component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
]) {
  createAll(Component)
}
