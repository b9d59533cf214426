import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { PlannedBuild } from './engine';
import { BuildChart } from '../../kubernetes/build-chart';
import { KanikoBuild } from '../../kubernetes/kaniko-build';
import { ManifestObject } from '../builds';

/** What is to run, in the order of the files: each build with its Job and what the Job depends on, shared objects included. */
export function plannedBuilds(chart: BuildChart): PlannedBuild[] {
  const objects = chart.toJson() as ManifestObject[];
  return chart.builds.map(build => {
    const needed = neededBy(build);
    return {
      name: build.jobName,
      // Parameters always name a namespace.
      namespace: build.namespace!,
      destinations: build.destinations,
      job: objects.find(object => key(object) === key(build.job.toJson() as ManifestObject))!,
      others: objects.filter(object => needed.has(key(object))),
    };
  });
}

/** The objects that are to be there before the Job, found by the tree's own dependencies. */
function neededBy(build: KanikoBuild): Set<string> {
  const seen = new Set<IConstruct>();
  const visit = (construct: IConstruct): void => {
    for (const dependency of construct.node.dependencies.flatMap(({ node }) => node.findAll())) {
      if (seen.has(dependency)) { continue; }
      seen.add(dependency);
      visit(dependency);
    }
  };
  visit(build.job);
  return new Set([...seen].filter(ApiObject.isApiObject).map(object => key(object.toJson() as ManifestObject)));
}

function key({ apiVersion, kind, metadata }: ManifestObject): string {
  return [apiVersion, kind, metadata.namespace, metadata.name].join(' ');
}
