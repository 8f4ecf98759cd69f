/**
 * The deployer properties that SCDF 2.11 lists for Kubernetes accounts, in its order: name, type, default value as JSON. Types
 * are shortened; see platform-options.ts.
 */
export const PLATFORM_OPTION_LIST = `
  additional-containers List<$Container>
  app-admin spi.app.AppAdmin
  backoff-limit int
  config-map-key-refs List<$ConfigMapKeyRef>
  config-map-refs texts
  container-security-context.allow-privilege-escalation flag
  container-security-context.capabilities.add texts
  container-security-context.capabilities.drop texts
  container-security-context.privileged flag
  container-security-context.proc-mount text
  container-security-context.read-only-root-filesystem flag
  container-security-context.run-as-group long
  container-security-context.run-as-non-root flag
  container-security-context.run-as-user long
  container-security-context.se-linux-options.level text
  container-security-context.se-linux-options.role text
  container-security-context.se-linux-options.type text
  container-security-context.se-linux-options.user text
  container-security-context.seccomp-profile.localhost-profile text
  container-security-context.seccomp-profile.type text
  container-security-context.windows-options.gmsa-credential-spec text
  container-security-context.windows-options.gmsa-credential-spec-name text
  container-security-context.windows-options.host-process flag
  container-security-context.windows-options.run-as-user-name text
  create-job flag false
  create-load-balancer flag false
  cron.backoff-limit int
  cron.concurrency-policy text
  cron.ttl-seconds-after-finished int
  deployment-labels text
  deployment-service-account-name text
  entry-point-style spi.kubernetes.EntryPointStyle
  environment-variables text[] []
  host-network flag false
  image-pull-policy spi.kubernetes.ImagePullPolicy
  image-pull-secret text
  image-pull-secrets texts
  init-container.args texts
  init-container.commands texts
  init-container.container-name text
  init-container.environment-variables text[] []
  init-container.image-name text
  init-container.volume-mounts List<model.VolumeMount>
  init-containers List<$InitContainer>
  job-annotations text
  limits.cpu text
  limits.gpu-count text
  limits.gpu-vendor text
  limits.memory text
  liveness-command-probe-command text
  liveness-command-probe-delay int 10
  liveness-command-probe-failure int 3
  liveness-command-probe-period int 10
  liveness-command-probe-success int 1
  liveness-http-probe-delay int 1
  liveness-http-probe-failure int 3
  liveness-http-probe-path text
  liveness-http-probe-period int 60
  liveness-http-probe-port int
  liveness-http-probe-scheme text "HTTP"
  liveness-http-probe-success int 1
  liveness-http-probe-timeout int 5
  liveness-tcp-probe-delay int 10
  liveness-tcp-probe-failure int 3
  liveness-tcp-probe-period int 60
  liveness-tcp-probe-port int
  liveness-tcp-probe-success int 1
  liveness-tcp-probe-timeout int 5
  max-crash-loop-back-off-restarts int 4
  max-terminated-error-restarts int 2
  minutes-to-wait-for-load-balancer int 5
  namespace text
  node-affinity model.NodeAffinity
  node-selector text
  pod-affinity model.PodAffinity
  pod-annotations text
  pod-anti-affinity model.PodAntiAffinity
  pod-security-context.fs-group long
  pod-security-context.fs-group-change-policy text
  pod-security-context.run-as-group long
  pod-security-context.run-as-non-root flag
  pod-security-context.run-as-user long
  pod-security-context.se-linux-options.level text
  pod-security-context.se-linux-options.role text
  pod-security-context.se-linux-options.type text
  pod-security-context.se-linux-options.user text
  pod-security-context.seccomp-profile.localhost-profile text
  pod-security-context.seccomp-profile.type text
  pod-security-context.supplemental-groups long[]
  pod-security-context.sysctls List<$SysctlInfo>
  pod-security-context.windows-options.gmsa-credential-spec text
  pod-security-context.windows-options.gmsa-credential-spec-name text
  pod-security-context.windows-options.host-process flag
  pod-security-context.windows-options.run-as-user-name text
  priority-class-name text
  probe-credentials-secret text
  probe-type spi.kubernetes.ProbeType
  readiness-command-probe-command text
  readiness-command-probe-delay int 1
  readiness-command-probe-failure int 3
  readiness-command-probe-period int 10
  readiness-command-probe-success int 1
  readiness-http-probe-delay int 1
  readiness-http-probe-failure int 3
  readiness-http-probe-path text
  readiness-http-probe-period int 10
  readiness-http-probe-port int
  readiness-http-probe-scheme text "HTTP"
  readiness-http-probe-success int 1
  readiness-http-probe-timeout int 5
  readiness-tcp-probe-delay int 1
  readiness-tcp-probe-failure int 3
  readiness-tcp-probe-period int 10
  readiness-tcp-probe-port int
  readiness-tcp-probe-success int 1
  readiness-tcp-probe-timeout int 3
  requests.cpu text
  requests.memory text
  restart-policy spi.kubernetes.RestartPolicy
  secret-key-refs List<$SecretKeyRef>
  secret-refs texts
  service-annotations text
  share-process-namespace flag
  startup-command-probe-command text
  startup-command-probe-delay int 30
  startup-command-probe-failure int 10
  startup-command-probe-period int 10
  startup-command-probe-success int 1
  startup-http-probe-delay int 30
  startup-http-probe-failure int 20
  startup-http-probe-path text
  startup-http-probe-period int 3
  startup-http-probe-port int
  startup-http-probe-success int 1
  startup-http-probe-timeout int 5
  startup-probe-period int
  startup-probe-scheme text "HTTP"
  startup-tcp-probe-delay int 30
  startup-tcp-probe-failure int 20
  startup-tcp-probe-period int 3
  startup-tcp-probe-port int
  startup-tcp-probe-success int 1
  startup-tcp-probe-timeout int 5
  stateful-set-init-container-image-name text
  stateful-set.volume-claim-template.name text
  stateful-set.volume-claim-template.storage text "10m"
  stateful-set.volume-claim-template.storage-class-name text
  task-service-account-name text "default"
  termination-grace-period-seconds long
  tolerations List<$Toleration>
  ttl-seconds-after-finished int
  volume-mounts List<model.VolumeMount>
  volumes List<model.Volume>
  liveness-probe-delay int
  liveness-probe-path text
  liveness-probe-period int
  liveness-probe-port int
  liveness-probe-timeout int
  readiness-probe-delay int
  readiness-probe-path text
  readiness-probe-period int
  readiness-probe-port int
  readiness-probe-timeout int
`;
