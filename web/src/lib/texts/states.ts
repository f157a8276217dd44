// Words that many pages share: how devices, values and events are, and what assets are for.

export const en = {
  state: {online: 'Online', offline: 'Silent', starting: 'Starting', removed: 'Removed', disabled: 'Disabled'},
  trust: {good: 'good', late: 'late', questionable: 'questionable', bad: 'bad', none: 'no value yet', absent: 'the device has none'},
  role: {grid: 'Grid', generation: 'Generation', storage: 'Storage', load: 'Loads', consumption: 'Consumption'},
  severity: {info: 'Info', warning: 'Warning', alarm: 'Alarm', critical: 'Critical'},
  eventState: {unacknowledged: 'active', acknowledged: 'active, acknowledged', returned: 'over, not acknowledged', normal: 'over'},
};

export const de: typeof en = {
  state: {online: 'Verbunden', offline: 'Stumm', starting: 'Startet', removed: 'Entfernt', disabled: 'Abgeschaltet'},
  trust: {good: 'gut', late: 'verspätet', questionable: 'fraglich', bad: 'schlecht', none: 'noch kein Wert', absent: 'das Gerät hat keinen'},
  role: {grid: 'Netz', generation: 'Erzeugung', storage: 'Speicher', load: 'Lasten', consumption: 'Verbrauch'},
  severity: {info: 'Hinweis', warning: 'Warnung', alarm: 'Alarm', critical: 'Kritisch'},
  eventState: {unacknowledged: 'steht an', acknowledged: 'steht an, quittiert', returned: 'vorbei, nicht quittiert', normal: 'vorbei'},
};
