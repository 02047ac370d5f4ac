"""What has hurt systems of this kind, each played as an attack over HTTP (T1 to T35)."""
