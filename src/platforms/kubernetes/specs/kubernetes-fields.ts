/**
 * The fields of the Kubernetes API that deployer properties can write in YAML: what a volume, a container, an affinity …
 * consists of. Written down from the API's description (OpenAPI, v1.34) and compared with the client library by a test.
 *
 * A field is `name:kind`, with `!` after the name where the API requires it. Kinds: `text` (the default; also quantities),
 * `int`, `flag`, `intOrText`, `{}` (free keys, text values), the name of another type, and any of these in brackets for a list.
 */
export const KUBERNETES_FIELDS: Readonly<Record<string, string>> = {
  AWSElasticBlockStoreVolumeSource: 'fsType partition:int readOnly:flag volumeID!',
  AppArmorProfile: 'localhostProfile type!',
  AzureDiskVolumeSource: 'cachingMode diskName! diskURI! fsType kind readOnly:flag',
  AzureFileVolumeSource: 'readOnly:flag secretName! shareName!',
  CSIVolumeSource: 'driver! fsType nodePublishSecretRef:LocalObjectReference readOnly:flag volumeAttributes:{}',
  Capabilities: 'add:[text] drop:[text]',
  CephFSVolumeSource: 'monitors!:[text] path readOnly:flag secretFile secretRef:LocalObjectReference user',
  CinderVolumeSource: 'fsType readOnly:flag secretRef:LocalObjectReference volumeID!',
  ClusterTrustBundleProjection: 'labelSelector:LabelSelector name optional:flag path! signerName',
  ConfigMapEnvSource: 'name optional:flag',
  ConfigMapKeySelector: 'key! name optional:flag',
  ConfigMapProjection: 'items:[KeyToPath] name optional:flag',
  ConfigMapVolumeSource: 'defaultMode:int items:[KeyToPath] name optional:flag',
  Container: `
    args:[text] command:[text] env:[EnvVar] envFrom:[EnvFromSource] image imagePullPolicy lifecycle:Lifecycle
    livenessProbe:Probe name! ports:[ContainerPort] readinessProbe:Probe resizePolicy:[ContainerResizePolicy]
    resources:ResourceRequirements restartPolicy restartPolicyRules:[ContainerRestartRule]
    securityContext:SecurityContext startupProbe:Probe stdin:flag stdinOnce:flag terminationMessagePath
    terminationMessagePolicy tty:flag volumeDevices:[VolumeDevice] volumeMounts:[VolumeMount] workingDir`,
  ContainerPort: 'containerPort!:int hostIP hostPort:int name protocol',
  ContainerResizePolicy: 'resourceName! restartPolicy!',
  ContainerRestartRule: 'action! exitCodes:ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'operator! values:[int]',
  DownwardAPIProjection: 'items:[DownwardAPIVolumeFile]',
  DownwardAPIVolumeFile: 'fieldRef:ObjectFieldSelector mode:int path! resourceFieldRef:ResourceFieldSelector',
  DownwardAPIVolumeSource: 'defaultMode:int items:[DownwardAPIVolumeFile]',
  EmptyDirVolumeSource: 'medium sizeLimit',
  EnvFromSource: 'configMapRef:ConfigMapEnvSource prefix secretRef:SecretEnvSource',
  EnvVar: 'name! value valueFrom:EnvVarSource',
  EnvVarSource: `
    configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
    resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector`,
  EphemeralVolumeSource: 'volumeClaimTemplate:PersistentVolumeClaimTemplate',
  ExecAction: 'command:[text]',
  FCVolumeSource: 'fsType lun:int readOnly:flag targetWWNs:[text] wwids:[text]',
  FileKeySelector: 'key! optional:flag path! volumeName!',
  FlexVolumeSource: 'driver! fsType options:{} readOnly:flag secretRef:LocalObjectReference',
  FlockerVolumeSource: 'datasetName datasetUUID',
  GCEPersistentDiskVolumeSource: 'fsType partition:int pdName! readOnly:flag',
  GRPCAction: 'port!:int service',
  GitRepoVolumeSource: 'directory repository! revision',
  GlusterfsVolumeSource: 'endpoints! path! readOnly:flag',
  HTTPGetAction: 'host httpHeaders:[HTTPHeader] path port!:intOrText scheme',
  HTTPHeader: 'name! value!',
  HostPathVolumeSource: 'path! type',
  ISCSIVolumeSource: `
    chapAuthDiscovery:flag chapAuthSession:flag fsType initiatorName iqn! iscsiInterface lun!:int portals:[text]
    readOnly:flag secretRef:LocalObjectReference targetPortal!`,
  ImageVolumeSource: 'pullPolicy reference',
  KeyToPath: 'key! mode:int path!',
  LabelSelector: 'matchExpressions:[LabelSelectorRequirement] matchLabels:{}',
  LabelSelectorRequirement: 'key! operator! values:[text]',
  Lifecycle: 'postStart:LifecycleHandler preStop:LifecycleHandler stopSignal',
  LifecycleHandler: 'exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction',
  LocalObjectReference: 'name',
  NFSVolumeSource: 'path! readOnly:flag server!',
  NodeAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
    requiredDuringSchedulingIgnoredDuringExecution:NodeSelector`,
  NodeSelector: 'nodeSelectorTerms!:[NodeSelectorTerm]',
  NodeSelectorRequirement: 'key! operator! values:[text]',
  NodeSelectorTerm: 'matchExpressions:[NodeSelectorRequirement] matchFields:[NodeSelectorRequirement]',
  ObjectFieldSelector: 'apiVersion fieldPath!',
  ObjectMeta: 'annotations:{} labels:{} name',
  PersistentVolumeClaimSpec: `
    accessModes:[text] dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference
    resources:VolumeResourceRequirements selector:LabelSelector storageClassName volumeAttributesClassName volumeMode
    volumeName`,
  PersistentVolumeClaimTemplate: 'metadata:ObjectMeta spec!:PersistentVolumeClaimSpec',
  PersistentVolumeClaimVolumeSource: 'claimName! readOnly:flag',
  PhotonPersistentDiskVolumeSource: 'fsType pdID!',
  PodAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
    requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]`,
  PodAffinityTerm: `
    labelSelector:LabelSelector matchLabelKeys:[text] mismatchLabelKeys:[text] namespaceSelector:LabelSelector
    namespaces:[text] topologyKey!`,
  PodAntiAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
    requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]`,
  PodCertificateProjection: `
    certificateChainPath credentialBundlePath keyPath keyType! maxExpirationSeconds:int signerName!`,
  PodFailurePolicy: 'rules!:[PodFailurePolicyRule]',
  PodFailurePolicyOnExitCodesRequirement: 'containerName operator! values!:[int]',
  PodFailurePolicyOnPodConditionsPattern: 'status! type!',
  PodFailurePolicyRule: `
    action! onExitCodes:PodFailurePolicyOnExitCodesRequirement
    onPodConditions:[PodFailurePolicyOnPodConditionsPattern]`,
  PodSecurityContext: `
    appArmorProfile:AppArmorProfile fsGroup:int fsGroupChangePolicy runAsGroup:int runAsNonRoot:flag runAsUser:int
    seLinuxChangePolicy seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[int]
    supplementalGroupsPolicy sysctls:[Sysctl] windowsOptions:WindowsSecurityContextOptions`,
  PortworxVolumeSource: 'fsType readOnly:flag volumeID!',
  PreferredSchedulingTerm: 'preference!:NodeSelectorTerm weight!:int',
  Probe: `
    exec:ExecAction failureThreshold:int grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:int
    periodSeconds:int successThreshold:int tcpSocket:TCPSocketAction terminationGracePeriodSeconds:int
    timeoutSeconds:int`,
  ProjectedVolumeSource: 'defaultMode:int sources:[VolumeProjection]',
  QuobyteVolumeSource: 'group readOnly:flag registry! tenant user volume!',
  RBDVolumeSource: 'fsType image! keyring monitors!:[text] pool readOnly:flag secretRef:LocalObjectReference user',
  ResourceClaim: 'name! request',
  ResourceFieldSelector: 'containerName divisor resource!',
  ResourceRequirements: 'claims:[ResourceClaim] limits:{} requests:{}',
  SELinuxOptions: 'level role type user',
  ScaleIOVolumeSource: `
    fsType gateway! protectionDomain readOnly:flag secretRef!:LocalObjectReference sslEnabled:flag storageMode
    storagePool system! volumeName`,
  SeccompProfile: 'localhostProfile type!',
  SecretEnvSource: 'name optional:flag',
  SecretKeySelector: 'key! name optional:flag',
  SecretProjection: 'items:[KeyToPath] name optional:flag',
  SecretVolumeSource: 'defaultMode:int items:[KeyToPath] optional:flag secretName',
  SecurityContext: `
    allowPrivilegeEscalation:flag appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:flag procMount
    readOnlyRootFilesystem:flag runAsGroup:int runAsNonRoot:flag runAsUser:int seLinuxOptions:SELinuxOptions
    seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions`,
  ServiceAccountTokenProjection: 'audience expirationSeconds:int path!',
  SleepAction: 'seconds!:int',
  StorageOSVolumeSource: 'fsType readOnly:flag secretRef:LocalObjectReference volumeName volumeNamespace',
  Sysctl: 'name! value!',
  TCPSocketAction: 'host port!:intOrText',
  Toleration: 'effect key operator tolerationSeconds:int value',
  TypedLocalObjectReference: 'apiGroup kind! name!',
  TypedObjectReference: 'apiGroup kind! name! namespace',
  Volume: `
    awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
    azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource
    configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource
    emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource
    flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource
    glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource
    name! nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource
    photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource
    projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource
    secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource`,
  VolumeDevice: 'devicePath! name!',
  VolumeMount: 'mountPath! mountPropagation name! readOnly:flag recursiveReadOnly subPath subPathExpr',
  VolumeProjection: `
    clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection
    podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection`,
  VolumeResourceRequirements: 'limits:{} requests:{}',
  VsphereVirtualDiskVolumeSource: 'fsType storagePolicyID storagePolicyName volumePath!',
  WeightedPodAffinityTerm: 'podAffinityTerm!:PodAffinityTerm weight!:int',
  WindowsSecurityContextOptions: 'gmsaCredentialSpec gmsaCredentialSpecName hostProcess:flag runAsUserName',
};
