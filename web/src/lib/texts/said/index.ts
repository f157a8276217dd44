// What the gateway says besides the reasons of control, by where it says it: each sentence of its events, problems, remedies,
// findings and tests with its translation (tests/lint/said.py holds that). The words of the gateway are English already.

import type {Said} from '../../said';
import {bacnet} from './bacnet';
import {commissioning} from './commissioning';
import {configuration} from './configuration';
import {control} from './control';
import {events} from './events';
import {machine} from './machine';
import {modbus} from './modbus';
import {profiles} from './profiles';
import {requests} from './requests';
import {sunspec} from './sunspec';
import {words} from './words';

export const en: {said: Said} = {
  said: {forms: [], parts: [], decimal: '.'},
};

export const de: typeof en = {
  said: {
    forms: [events, requests, configuration, commissioning, control, modbus, sunspec, bacnet, machine, profiles].flat(),
    parts: words,
    decimal: ',',
  },
};
