/**
 * The lines by which a step speaks to the agent.
 * https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 */

/** `##vso[area.action name=value;…]data`, with everything escaped that would end the command or a part of it. */
export function loggingCommand(command: string, properties: Readonly<Record<string, string>>, data: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`).join(';');
  return `##vso[${command}${list === '' ? '' : ` ${list}`}]${escapeData(data)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(']', '%5D').replaceAll(';', '%3B');
}
