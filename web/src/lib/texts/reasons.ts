// Why controllers decide as they do: each sentence of theirs (src/control/controllers) with its translation. The words of
// the gateway are English already.

import type {Reasons} from '../reasons';
import type {Form} from '../sentences';

export const en: {reasons: Reasons} = {
  reasons: {forms: [], parts: [], decimal: '.'},
};

const forms: readonly Form[] = [
  // Without a value that is needed.
  ['blind ({why}), takes the meter to be at the limit: at most {cap} for what it moves', 'blind ({why}), der Zähler gilt als am Grenzwert: höchstens {cap} für das, was er stellt'],
  ['blind ({why}), keeps what it wished', 'blind ({why}), bleibt bei dem, was er wünschte'],
  ['blind ({why}), wishes nothing', 'blind ({why}), wünscht nichts'],
  // Batteries.
  ['none of its batteries is seen', 'keiner seiner Speicher ist zu sehen'],
  ['{battery} is not seen: not discharged', '{battery} ist nicht zu sehen: wird nicht entladen'],
  ['{battery} is at {soc} %: charged up to {reserve} %', '{battery} steht bei {soc} %: wird bis {reserve} % geladen'],
  ['{battery} is at {soc} %: not discharged below {reserve} %', '{battery} steht bei {soc} %: wird nicht unter {reserve} % entladen'],
  ['{battery} is at {soc} %: not charged above {full} %', '{battery} steht bei {soc} %: wird nicht über {full} % geladen'],
  ['all batteries are above their reserve', 'alle Speicher sind über ihrer Reserve'],
  ['{grid} at the grid: storing {power}', '{grid} am Netz: speichert {power}'],
  ['{grid} at the grid: giving {power}', '{grid} am Netz: gibt {power}'],
  ['{grid} at the grid: nothing to store or to give', '{grid} am Netz: nichts zu speichern oder zu geben'],
  // Peaks and limits.
  ['{rest} without the batteries, {allowed} allowed until the interval ends (peak {peak}): {wanted} wanted of them', '{rest} ohne die Speicher, {allowed} erlaubt, bis das Intervall endet (Spitze {peak}): {wanted} von ihnen verlangt'],
  ['{rest} without the batteries, {allowed} allowed until the interval ends: charging at most {most}', '{rest} ohne die Speicher, {allowed} erlaubt, bis das Intervall endet: lädt höchstens mit {most}'],
  ['{rest} without the batteries, {allowed} allowed until the interval ends: nothing to shave', '{rest} ohne die Speicher, {allowed} erlaubt, bis das Intervall endet: nichts zu kappen'],
  ['charging with {power} for the next peak: {soc} % of {ready} %', 'lädt mit {power} für die nächste Spitze: {soc} % von {ready} %'],
  ['the site {verb} {grid} of {limit} allowed: at most {cap} for what it moves', 'der Standort {verb} {grid} von erlaubten {limit}: höchstens {cap} für das, was er stellt'],
  ['the site {verb} {grid} of {limit} allowed: nothing needs a limit', 'der Standort {verb} {grid} von erlaubten {limit}: nichts braucht eine Grenze'],
  ['{power} of {allowed} allowed: {off} of {loads} loads are off', '{power} von erlaubten {allowed}: {off} von {loads} Lasten sind aus'],
  ['{power} of {allowed} allowed: all loads may run', '{power} von erlaubten {allowed}: alle Lasten dürfen laufen'],
  // Orders from elsewhere.
  ['no event', 'kein Ereignis'],
  ['level {level}: back at {percent} % of normal', 'Stufe {level}: wieder bei {percent} % des Üblichen'],
  ['level {level}{kept?}: {percent} % of normal, {target} % wanted', 'Stufe {level}{kept}: {percent} % des Üblichen, {target} % verlangt'],
  ['no order is seen, wishes nothing', 'keine Vorgabe zu sehen, wünscht nichts'],
  ['{ordered} ordered{kept?}, {possible} possible: {now} now', '{ordered} verlangt{kept}, {possible} möglich: jetzt {now}'],
  ['no order any more: {now} on the way to 0 W', 'keine Vorgabe mehr: {now} auf dem Weg zu 0 W'],
  // Frequency and voltage.
  ['{frequency} Hz is within the deadband', '{frequency} Hz liegt im Totband'],
  ['{frequency} Hz: {wanted} wanted, {possible} possible', '{frequency} Hz: {wanted} verlangt, {possible} möglich'],
  ['{power} at power factor {factor}: {verb} {amount}', '{power} bei Leistungsfaktor {factor}: {verb} {amount}'],
  ['{voltage} V, {percent} % of nominal: {verb} {amount}', '{voltage} V, {percent} % des Nennwerts: {verb} {amount}'],
  ['absorbs {amount}', 'nimmt {amount} auf'],
  ['injects {amount}', 'speist {amount} ein'],
  // Rules and times.
  ['its conditions hold, but not yet for long enough', 'seine Bedingungen gelten, aber noch nicht lange genug'],
  ['its conditions do not hold', 'seine Bedingungen gelten nicht'],
  ['its conditions hold: {what}', 'seine Bedingungen gelten: {what}'],
  ['kept for its minimum time: {what}', 'bleibt für seine Mindestzeit: {what}'],
  ['no window is on', 'kein Zeitfenster gilt'],
  ['window {from} to {to}: {what}', 'Zeitfenster {from} bis {to}: {what}'],
];

const parts: readonly Form[] = [
  ['imports', 'bezieht'],
  ['exports', 'liefert'],
  ['absorbs', 'nimmt auf'],
  ['injects', 'speist ein'],
  [' (not seen any more, kept)', ' (nicht mehr zu sehen, behalten)'],
  ['the level is not seen', 'die Stufe ist nicht zu sehen'],
  ['the time is not known', 'die Zeit ist nicht bekannt'],
  ['{path}: not for control: too old', '{path}: zu alt zum Regeln'],
  ['{path}: not for control: not a number', '{path}: keine Zahl'],
  ['{path}: not for control: {quality}', '{path}: nicht zum Regeln geeignet ({quality})'],
  ['{path}: there is no such point', '{path}: diesen Punkt gibt es nicht'],
  ['{path}: no value came yet', '{path}: noch kein Wert gekommen'],
  ['{what}, and others', '{what} und andere'],
  ['{point} at most {value}', '{point} höchstens {value}'],
  ['{point} at least {value}', '{point} mindestens {value}'],
  ['{point} to {value}', '{point} auf {value}'],
  ['{point} off', '{point} aus'],
];

export const de: typeof en = {
  reasons: {forms, parts, decimal: ','},
};
