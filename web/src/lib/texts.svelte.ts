// All that the dashboard says, in each of its languages: the texts of each page are a file of `texts/`.

import {settings} from './settings.svelte';
import * as add from './texts/add';
import * as alarms from './texts/alarms';
import * as certificates from './texts/certificates';
import * as control from './texts/control';
import * as controllers from './texts/controllers';
import * as devices from './texts/devices';
import * as history from './texts/history';
import * as lines from './texts/lines';
import * as overview from './texts/overview';
import * as reasons from './texts/reasons';
import * as said from './texts/said';
import * as shell from './texts/shell';
import * as states from './texts/states';
import * as system from './texts/system';
import * as tools from './texts/tools';

const en = {
  ...add.en,
  ...alarms.en,
  ...certificates.en,
  ...control.en,
  ...controllers.en,
  ...devices.en,
  ...history.en,
  ...lines.en,
  ...overview.en,
  ...reasons.en,
  ...said.en,
  ...shell.en,
  ...states.en,
  ...system.en,
  ...tools.en,
};

export type Texts = typeof en;

const de: Texts = {
  ...add.de,
  ...alarms.de,
  ...certificates.de,
  ...control.de,
  ...controllers.de,
  ...devices.de,
  ...history.de,
  ...lines.de,
  ...overview.de,
  ...reasons.de,
  ...said.de,
  ...shell.de,
  ...states.de,
  ...system.de,
  ...tools.de,
};

const languages = {en, de};

// The texts in the language of the user; reading it in a component follows a change of the language.
export const say = {
  get now(): Texts {
    return languages[settings.language];
  },
};
