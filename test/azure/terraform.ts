import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, TerraformStack, Testing } from 'cdktf';

/** An app that writes nothing by itself. (`Testing.app()` leaves a folder behind each time.) */
export function newApp(): App { return new App({ outdir: join(tmpdir(), 'cdk-kaniko-unused') }); }

/** A stack with a provider, which validation asks for. */
export function newStack(id = 'builds'): TerraformStack {
  const stack = new TerraformStack(newApp(), id);
  new AzurermProvider(stack, 'azurerm', { features: [{}] });
  return stack;
}

/** The resources of a stack by kind, as Terraform reads them, after validation. */
export class Synthesized {
  private static values(resources: { [id: string]: any } = {}): any[] {
    return Object.values(resources).map(({ '//': _, ...resource }) => resource);
  }

  private static single<T>(type: string, found: T[]): T {
    if (found.length !== 1) { throw new Error(`expected one ${type}, found ${found.length}`); }
    return found[0];
  }

  private readonly json: { [section: string]: any };

  public constructor(stack: TerraformStack) { this.json = JSON.parse(Testing.synth(stack, true)); }

  /** The resources of a kind, without cdktf's metadata. */
  public all(type: string): any[] { return Synthesized.values(this.json.resource?.[type]); }

  /** The only resource of a kind. */
  public only(type: string): any { return Synthesized.single(type, this.all(type)); }

  /** The only data source of a kind. */
  public onlyData(type: string): any { return Synthesized.single(type, Synthesized.values(this.json.data?.[type])); }

  /** The name under which the only resource of a kind can be referred to. */
  public reference(type: string): string {
    return `${type}.${Synthesized.single(type, Object.keys(this.json.resource?.[type] ?? {}))}`;
  }

  public get outputs(): { [name: string]: string } {
    return Object.fromEntries(Object.entries<any>(this.json.output ?? {}).map(([name, output]) => [name, output.value]));
  }

  public get provider(): any { return this.json.provider?.azurerm?.[0]; }

  /** The kinds of data sources: what Terraform looks up and may copy into its state. */
  public get lookups(): string[] { return Object.keys(this.json.data ?? {}); }
}
