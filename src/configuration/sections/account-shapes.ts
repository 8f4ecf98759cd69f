import { treeShape } from '../tree-shapes.js';

/** The settings of a local account, as SCDF's Local deployer names them. */
export const LOCAL_ACCOUNT = treeShape('flat', 'kebab', {
  names: `
    workingDirectoriesRoot deleteFilesOnExit envVarsToInherit javaCmd javaHomePath javaOpts shutdownTimeout
    useSpringApplicationJson portRange low high maximumConcurrentTasks debugPort debugAddress debugSuspend inheritLogging
    hostname docker network deleteContainerOnExit portMappings volumeMounts additionalHosts healthProbe startupProbe path
    appAdmin user password`,
});

/** The settings of a Kubernetes account, as SCDF's Kubernetes deployer names them. */
const KUBERNETES_SETTINGS = `
  namespace fabric8 imagePullPolicy imagePullSecret imagePullSecrets limits memory cpu gpuVendor gpuCount requests
  environmentVariables secretKeyRefs configMapKeyRefs secretRefs configMapRefs envVarName secretName configMapName dataKey
  volumes volumeMounts tolerations nodeSelector affinity nodeAffinity podAffinity podAntiAffinity podSecurityContext
  containerSecurityContext initContainer initContainers containerName imageName commands additionalContainers podAnnotations
  jobAnnotations deploymentLabels serviceAnnotations entryPointStyle containerCommand containerPorts hostNetwork restartPolicy
  createJob backoffLimit ttlSecondsAfterFinished maximumConcurrentTasks deploymentServiceAccountName taskServiceAccountName
  shareProcessNamespace priorityClassName terminationGracePeriodSeconds lifecycle preStop postStart exec command probeType
  probeCredentialsSecret bootMajorVersion appAdmin user password cron concurrencyPolicy startingDeadlineSeconds
  successfulJobsHistoryLimit failedJobsHistoryLimit timeZone suspend expression
  livenessHttpProbePath livenessHttpProbePort livenessHttpProbeScheme livenessHttpProbeDelay livenessHttpProbePeriod
  livenessHttpProbeTimeout livenessHttpProbeSuccess livenessHttpProbeFailure livenessTcpProbePort livenessTcpProbeDelay
  livenessTcpProbePeriod livenessTcpProbeTimeout livenessTcpProbeSuccess livenessTcpProbeFailure livenessCommandProbeCommand
  readinessHttpProbePath readinessHttpProbePort readinessHttpProbeScheme readinessHttpProbeDelay readinessHttpProbePeriod
  readinessHttpProbeTimeout readinessHttpProbeSuccess readinessHttpProbeFailure readinessTcpProbePort readinessTcpProbeDelay
  readinessTcpProbePeriod readinessTcpProbeTimeout readinessTcpProbeSuccess readinessTcpProbeFailure readinessCommandProbeCommand
  startupHttpProbePath startupHttpProbePort startupProbeScheme startupHttpProbeScheme startupHttpProbeDelay
  startupHttpProbePeriod startupHttpProbeTimeout startupHttpProbeSuccess startupHttpProbeFailure startupTcpProbePort
  startupTcpProbeDelay startupTcpProbePeriod startupTcpProbeTimeout startupTcpProbeSuccess startupTcpProbeFailure
  startupCommandProbeCommand livenessProbePath livenessProbePort livenessProbeDelay livenessProbePeriod livenessProbeTimeout
  readinessProbePath readinessProbePort readinessProbeDelay readinessProbePeriod readinessProbeTimeout startupProbePath
  startupProbePort startupProbeDelay startupProbePeriod startupProbeTimeout createLoadBalancer statefulSet
  minutesToWaitForLoadBalancer maxTerminatedErrorRestarts maxCrashLoopBackOffRestarts`;

/** Client settings below `fabric8`. */
const KUBERNETES_CLIENT = `
  masterUrl apiVersion trustCerts disableHostnameVerification caCertFile caCertData clientCertFile clientCertData
  clientKeyFile clientKeyData clientKeyAlgo clientKeyPassphrase oauthToken username connectionTimeout requestTimeout
  httpProxy httpsProxy noProxy proxyUsername proxyPassword userAgent watchReconnectInterval watchReconnectLimit
  loggingInterval trustStoreFile trustStorePassphrase keyStoreFile keyStorePassphrase tlsVersions currentContext`;

/** Field names of the Kubernetes API that occur below volumes, containers, affinities, tolerations and security contexts. */
const KUBERNETES_FIELDS = `
  name key value values operator effect tolerationSeconds mountPath subPath subPathExpr readOnly mountPropagation
  recursiveReadOnly hostPath path type emptyDir medium sizeLimit secret optional defaultMode items mode configMap
  persistentVolumeClaim claimName projected sources serviceAccountToken audience expirationSeconds downwardAPI fieldRef
  fieldPath resourceFieldRef resource containerName divisor nfs server csi driver fsType nodePublishSecretRef ephemeral
  volumeClaimTemplate metadata spec accessModes resources storageClassName volumeMode selector azureFile shareName azureDisk
  diskName diskURI cachingMode kind awsElasticBlockStore volumeID partition gcePersistentDisk pdName cephfs monitors
  secretFile secretRef glusterfs endpoints iscsi targetPortal iqn lun flexVolume image imagePullPolicy args env valueFrom
  secretKeyRef configMapKeyRef envFrom configMapRef prefix ports containerPort hostPort hostIP protocol workingDir
  livenessProbe readinessProbe startupProbe httpGet host port scheme httpHeaders tcpSocket grpc service initialDelaySeconds
  periodSeconds timeoutSeconds successThreshold failureThreshold securityContext runAsUser runAsGroup runAsNonRoot
  runAsUserName fsGroup fsGroupChangePolicy supplementalGroups seccompProfile localhostProfile seLinuxOptions level role sysctls
  windowsOptions gmsaCredentialSpec gmsaCredentialSpecName hostProcess allowPrivilegeEscalation capabilities add drop privileged
  procMount readOnlyRootFilesystem stdin tty terminationMessagePath terminationMessagePolicy
  requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution nodeSelectorTerms
  matchExpressions matchFields preference weight podAffinityTerm labelSelector namespaceSelector namespaces topologyKey`;

/**
 * A Kubernetes account. Keys below the names in `textMaps` are labels, annotations or quantities: they stay as written
 * (SCDF loses the slash of `app.kubernetes.io/name`).
 */
export const KUBERNETES_ACCOUNT = treeShape('tree', 'camel', {
  names: `${KUBERNETES_SETTINGS} ${KUBERNETES_CLIENT} ${KUBERNETES_FIELDS}`,
  textMaps: 'matchLabels labels annotations volumeAttributes options',
});

/** `spring.security.oauth2`: ids of registrations and providers are free. */
export const OAUTH2 = treeShape('tree', 'kebab', {
  names: `
    client clientId clientSecret clientAuthenticationMethod authorizationGrantType redirectUri scope clientName
    issuerUri authorizationUri tokenUri userInfoUri userInfoAuthenticationMethod jwkSetUri userNameAttribute resourceserver
    opaquetoken introspectionUri jwt jwsAlgorithms publicKeyLocation audiences`,
  mapsOf: 'registration provider',
});

/** `spring.cloud.dataflow.security.authorization` */
export const AUTHORIZATION = treeShape('tree', 'kebab', {
  names: `
    enabled rules permitAllPaths authenticatedPaths anonymousPaths dashboardUrl loginUrl loginProcessingUrl logoutUrl
    logoutSuccessUrl externalAuthoritiesUrl defaultProviderId mapOauthScopes mapGroupClaims oauthScopePrefix rolePrefix groupClaim
    parseOauthScopePathParts principalClaimName`,
  mapsOf: 'providerRoleMappings',
  textMaps: 'roleMappings groupMappings',
});

/** `spring.cloud.dataflow.container.registry-configurations.<registry>.extra` */
export const REGISTRY_EXTRA = treeShape('texts', 'camel', {
  names: 'registryAuthUri region registryIds custom-registry',
});
