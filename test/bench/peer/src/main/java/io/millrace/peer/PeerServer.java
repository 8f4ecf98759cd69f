package io.millrace.peer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.dataflow.server.EnableDataFlowServer;
import org.springframework.context.annotation.Configuration;

/**
 * Starts the data flow server of the class path. Left out, as in the released server, is what would get in its way: the
 * task support for being a task itself, sessions, and Boot's own security and deployer set-up, which the server replaces.
 */
@Configuration
@EnableAutoConfiguration(excludeName = {
		"org.springframework.boot.actuate.autoconfigure.security.servlet.ManagementWebSecurityAutoConfiguration",
		"org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration",
		"org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration",
		"org.springframework.boot.autoconfigure.session.SessionAutoConfiguration",
		"org.springframework.cloud.deployer.spi.cloudfoundry.CloudFoundryDeployerAutoConfiguration",
		"org.springframework.cloud.deployer.spi.kubernetes.KubernetesAutoConfiguration",
		"org.springframework.cloud.deployer.spi.local.LocalDeployerAutoConfiguration",
		"org.springframework.cloud.task.configuration.MetricsAutoConfiguration",
		"org.springframework.cloud.task.configuration.SimpleTaskAutoConfiguration"
})
@EnableDataFlowServer
public class PeerServer {

	public static void main(String[] arguments) {
		SpringApplication.run(PeerServer.class, arguments);
	}
}
