import {
  ActionIcon,
  Anchor,
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  Notification,
  rem,
  SegmentedControl,
  Switch,
  Tooltip,
} from '@mantine/core'

/** The one accent. White on shade 6 has a contrast of 5.3. */
const iris: MantineColorsTuple = [
  '#f2f2fe',
  '#e4e4fb',
  '#c9c9f6',
  '#acacf2',
  '#8f90ee',
  '#7577e6',
  '#5b5bd6',
  '#4d4cc2',
  '#403fa6',
  '#343486',
]

const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f1f3f6',
  '#e7e9ee',
  '#d9dde4',
  '#c1c7d1',
  '#98a0af',
  '#6b7383',
  '#4d5565',
  '#323947',
  '#1c212b',
]

const dark: MantineColorsTuple = [
  '#dadde4',
  '#b7bcc7',
  '#969dab',
  '#6b7282',
  '#3b404c',
  '#2c303a',
  '#22262e',
  '#17191f',
  '#111317',
  '#0b0c0f',
]

const SANS =
  "'Inter Variable', -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Noto Sans', system-ui, sans-serif"
const MONO = "'JetBrains Mono Variable', ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

const overlay = { backgroundOpacity: 0.45, blur: 0 }
const quickly = { duration: 120 }
const close = { 'aria-label': 'Close' }
/** The header element of a dialog would count as a second banner of the page. */
const plainHeader = { defaultProps: { role: 'presentation' } }

export const theme = createTheme({
  colors: { iris, gray, dark },
  primaryColor: 'iris',
  primaryShade: 6,
  black: '#1b202a',
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(20) },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  fontWeights: { regular: '400', medium: '550', bold: '650' },
  headings: {
    fontFamily: SANS,
    fontWeight: '620',
    sizes: {
      h1: { fontSize: rem(18), lineHeight: '1.35' },
      h2: { fontSize: rem(15), lineHeight: '1.4' },
      h3: { fontSize: rem(14), lineHeight: '1.4' },
    },
  },
  radius: { xs: rem(3), sm: rem(4), md: rem(6), lg: rem(8), xl: rem(12) },
  spacing: { xs: rem(6), sm: rem(10), md: rem(14), lg: rem(20), xl: rem(28) },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 28 } }),
    Anchor: Anchor.extend({ defaultProps: { size: 'sm', underline: 'hover' } }),
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Drawer: Drawer.extend({
      defaultProps: { overlayProps: overlay, transitionProps: quickly, closeButtonProps: close, position: 'right' },
    }),
    DrawerHeader: plainHeader,
    InputWrapper: Input.Wrapper.extend({ defaultProps: { size: 'sm' } }),
    Input: Input.extend({ defaultProps: { size: 'sm' } }),
    // The placeholder that Mantine focuses first is no menu item, and a menu may hold nothing else.
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: quickly, withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({
      defaultProps: { overlayProps: overlay, transitionProps: quickly, closeButtonProps: close, centered: true },
    }),
    ModalHeader: plainHeader,
    Notification: Notification.extend({ defaultProps: { closeButtonProps: close } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs' } }),
    Switch: Switch.extend({ defaultProps: { size: 'sm' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: false, transitionProps: quickly } }),
  },
})

/** Mantine's own greys are lighter than what 4.5 : 1 needs on our surfaces. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#596273',
    '--mantine-color-placeholder': '#6a7282',
    '--mantine-color-error': '#b42318',
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)',
    '--mantine-color-anchor': '#4d4cc2',
    '--mantine-color-disabled-color': '#7a8292',
  },
  dark: {
    '--mantine-color-dimmed': '#9aa1af',
    '--mantine-color-placeholder': '#868d9b',
    '--mantine-color-error': '#fb8a80',
    '--mantine-color-default': 'var(--mantine-color-dark-6)',
    '--mantine-color-default-border': 'var(--mantine-color-dark-4)',
    '--mantine-color-anchor': '#acacf2',
    '--mantine-color-disabled-color': '#7b8290',
  },
})
