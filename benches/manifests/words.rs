//! The names that the manifests are made of.

pub(crate) const TEAMS: [&str; 6] = [
    "shop", "payments", "logistics", "identity", "insight", "platform",
];

pub(crate) const STAGES: [&str; 4] = ["", "-staging", "-eu", "-preview"];

pub(crate) const COMPONENTS: [&str; 6] =
    ["api", "web", "gateway", "worker", "consumer", "scheduler"];

pub(crate) const NOUNS: [&str; 48] = [
    "cart", "checkout", "catalog", "price", "stock", "order", "invoice", "refund", "ledger",
    "card", "wallet", "fraud", "route", "parcel", "depot", "driver", "label", "customs", "login",
    "session", "token", "profile", "consent", "audit", "report", "metric", "event", "search",
    "recommendation", "ranking", "export", "import", "mail", "sms", "push", "webhook", "image",
    "document", "config", "feature", "quota", "billing", "tenant", "backup", "archive", "review",
    "campaign", "coupon",
];

pub(crate) const ROLES: [&str; 16] = [
    "service", "api", "worker", "sync", "indexer", "proxy", "adapter", "backend", "frontend",
    "processor", "listener", "cron", "bridge", "store", "reader", "writer",
];

pub(crate) const REGISTRIES: [&str; 5] = [
    "registry.example.com",
    "ghcr.io/example",
    "docker.io/example",
    "eu.gcr.io/example-prod",
    "registry.example.com:5000/mirror",
];

pub(crate) const VARIABLES: [&str; 40] = [
    "LOG_LEVEL", "LOG_FORMAT", "HTTP_PORT", "GRPC_PORT", "DATABASE_HOST", "DATABASE_NAME",
    "DATABASE_POOL_SIZE", "REDIS_ADDR", "REDIS_DB", "KAFKA_BROKERS", "KAFKA_TOPIC",
    "KAFKA_GROUP_ID", "S3_BUCKET", "S3_REGION", "OTEL_RESOURCE_ATTRIBUTES", "FEATURE_FLAGS_URL",
    "CACHE_TTL", "REQUEST_TIMEOUT", "RETRY_LIMIT", "WORKERS", "QUEUE_NAME", "SENTRY_ENVIRONMENT",
    "AUTH_ISSUER", "AUTH_AUDIENCE", "PUBLIC_URL", "INTERNAL_URL", "TZ", "GOMAXPROCS", "GOGC",
    "SPRING_PROFILES_ACTIVE", "NODE_ENV", "DJANGO_SETTINGS_MODULE", "UPSTREAM", "RATE_LIMIT",
    "BATCH_SIZE", "SMTP_HOST", "METRICS_PREFIX", "TRACE_SAMPLE_RATE", "SHUTDOWN_GRACE", "REGION",
];

/// Start-up variables that the injection of a library extends, with values that people give them.
pub(crate) const STARTUP: [(&str, &str, &str); 4] = [
    ("java", "JAVA_TOOL_OPTIONS", "-Xms256m -Xmx768m -XX:+UseG1GC"),
    ("python", "PYTHONPATH", "/app:/app/lib"),
    ("nodejs", "NODE_OPTIONS", "--max-old-space-size=512"),
    ("php", "PHP_INI_SCAN_DIR", "/usr/local/etc/php/conf.d"),
];
