export default {
  input: '../../../openapi/openapi.json',
  output: { path: 'generated', importFileExtension: '.js' },
  logs: { level: 'warn', file: false },
};
