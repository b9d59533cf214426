import { ApiDefinitions, VERSIONS } from './api-definitions';
import { NAMES, objectsOf } from './examples';
import { Fixture } from './fixture';
import { NetworkAccess, WorkloadIdentity } from '../../src/kubernetes';

if (VERSIONS.length === 0) {
  test.todo('manifests are checked by the Kubernetes definitions: not here, for ../shared/data/kubernetes is not beside this checkout');
}

// Not describe.each: jest refuses an empty table.
for (const version of VERSIONS) {
  describe(`Kubernetes ${version}`, () => {
    const definitions = new ApiDefinitions(version);

    test.each(NAMES)('accepts every object of the example %s', name => {
      expect(objectsOf(name).flatMap(object => definitions.mistakes(object))).toEqual([]);
    });

    test('accepts a build with everything that changes the pod\'s shape', () => {
      const fixture = new Fixture();
      fixture.add({
        identity: WorkloadIdentity.withServiceAccount('builder', { clientId: '11111111-2222-3333-4444-555555555555' }),
        networkAccess: NetworkAccess.restrictedTo([{ addressBlock: '10.0.0.0/8', ports: [443, 8443] }]),
        tolerations: [{ key: 'builds', operator: 'Exists', effect: 'NoSchedule' }],
        affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } }] } },
        imagePullSecretNames: ['mirror'],
        priorityClassName: 'low',
        runtimeClassName: 'kata',
        queueName: 'builds',
      });
      expect(fixture.objects().flatMap(object => definitions.mistakes(object))).toEqual([]);
    });

    test('would refuse a field that it does not know', () => {
      const [job] = objectsOf('build-agent').filter(object => object.kind === 'Job');
      job.spec.template.spec.containers[0].volumeMounts[0].readonly = true;
      expect(definitions.mistakes(job).join()).toContain('"additionalProperty":"readonly"');
    });
  });
}
