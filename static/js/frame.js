/** What every page wears: menus, theme, fresh times; with an account also palette and shortcuts. */

import "./menu.js";
import "./theme.js";
import "./relative-time.js";
import "./slider.js";
import "./shortcuts.js";
import "./palette.js";
