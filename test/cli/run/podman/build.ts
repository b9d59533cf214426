import { App } from 'cdk8s';
import { PlannedBuild } from '../../../../src/cli/run/engine';
import { plannedBuilds } from '../../../../src/cli/run/planned-builds';
import { Container, Job } from '../../../../src/cli/run/podman/job';
import { BuildChart } from '../../../../src/kubernetes/build-chart';
import { BuildParameters } from '../../../../src/parameters/build-parameters';

/** The least that a build needs. */
const BASE = {
  repositoryUrl: 'https://git.contoso.example/images.git', branchName: 'main', imagePath: 'images/app',
  registry: 'registry.contoso.example/docker-local', imageName: 'app', imageTag: '1', namespace: 'developers',
} as BuildParameters;

/** A build as `run` plans it. */
export function planned(own: Partial<BuildParameters> = {}): PlannedBuild {
  const chart = new BuildChart(new App(), 'builds', { builds: [{ ...BASE, ...own }] });
  return plannedBuilds(chart)[0];
}

/** A container of a build's pod. */
export function containerOf(build: PlannedBuild, name: string): Container {
  const { initContainers, containers } = (build.job as unknown as Job).spec.template.spec;
  return [...initContainers, ...containers].find(container => container.name === name)!;
}
