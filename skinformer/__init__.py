"""Long-sequence time-series forecasting with Informer, as scikit-learn estimators."""
